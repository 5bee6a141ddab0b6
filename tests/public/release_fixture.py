"""A small release by hand, to `docs/release-format.md`: two counties, a withheld cell of each reason."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

SCHEMA = """
CREATE TABLE figures(indicator TEXT, place_level TEXT, place_code TEXT, year TEXT, breakdown TEXT,
  value INTEGER, withheld TEXT);
CREATE TABLE businesses(row_id TEXT PRIMARY KEY, county_code TEXT, op_status TEXT, capital_sources TEXT,
  start_year TEXT);
CREATE TABLE inns(row_id TEXT PRIMARY KEY, county_code TEXT, op_status TEXT);
CREATE TABLE places(code TEXT, level TEXT, parent TEXT, label_en TEXT, label_zh TEXT);
CREATE TABLE _homeward_release(key TEXT, value TEXT);
CREATE TABLE _homeward_indicator(id TEXT, position INTEGER, name_en TEXT, name_zh TEXT, unit_en TEXT,
  unit_zh TEXT, definition_en TEXT, definition_zh TEXT, rule_en TEXT, rule_zh TEXT);
CREATE TABLE _homeward_column(table_name TEXT, column_name TEXT, position INTEGER, label_en TEXT,
  label_zh TEXT, form TEXT, question TEXT, rule TEXT);
CREATE TABLE _homeward_choice(table_name TEXT, column_name TEXT, value TEXT, position INTEGER,
  label_en TEXT, label_zh TEXT);
CREATE TABLE _homeward_left_out(form TEXT, question TEXT, rule TEXT, reason TEXT);
"""
INFO = {
    "version": "2026-11-22.1",
    "date": "2026-11-22",
    "ref_year": "2020",
    "ref_date": "2020-12-31",
    "organiser": "示例主办单位 Example organiser",
    "licence": "CC BY 4.0",
    "title_en": "People who came home: Qinshui and Yangcheng",
    "title_zh": "返乡创业就业数据：沁水县、阳城县",
    "synthetic": "yes",
    "records_approved": "612",
}
# id, name_en, name_zh, unit_en, unit_zh, definition_en, definition_zh
INDICATORS = (
    (
        "I01",
        "Returnee founders",
        "返乡创业人数",
        "persons",
        "人",
        "People who came home and founded a business.",
        "返乡后创办企业的人，每人只计一次。",
    ),
    (
        "I02",
        "Jobs in returnee businesses",
        "返乡企业带动就业岗位",
        "jobs",
        "个岗位",
        "People at work on the day, without founders.",
        "当天在岗人数，不含创办人。",
    ),
    (
        "I08b",
        "Inns along the road",
        "旅游公路沿线营业民宿数",
        "inns",
        "家",
        "Open inns along the road.",
        "沿线营业的民宿。",
    ),
    (
        "I18",
        "Beneficiaries of support, by instrument",
        "享受扶持的对象（按类型）",
        "beneficiaries",
        "个对象",
        "Each counts once.",
        "每个对象只计一次。",
    ),
    (
        "I25",
        "Farmers trained",
        "专项培训农民人数",
        "persons",
        "人",
        "First-time completers.",
        "首次结业人数。",
    ),
)
FIGURES = (
    ("I01", "all", "all", "2020", "", 1234, ""),
    ("I01", "all", "all", "2019", "", 999, ""),
    ("I01", "county", "140521", "2020", "", 1000, ""),
    ("I01", "county", "140522", "2020", "", 234, ""),
    ("I02", "all", "all", "2020", "", 4321, ""),
    ("I02", "county", "140521", "2020", "", None, "dominance"),
    ("I02", "county", "140522", "2020", "", None, "complementary"),
    ("I08b", "all", "all", "2020", "", None, "threshold"),
    ("I08b", "county", "140521", "2020", "", None, "threshold"),
    ("I18", "all", "all", "2020", "tax", 88, ""),
    ("I18", "all", "all", "2020", "guarantee_loan", 40, ""),
    ("I18", "all", "all", "2020", "model", None, "threshold"),
    ("I18", "county", "140521", "2020", "tax", 88, ""),
    ("I25", "all", "all", "2020", "", 380, ""),
)
ROWS = {
    "businesses": [
        (f"b{n:03}", "140521", "operating" if n % 3 else "closed", "savings loan", "2018") for n in range(130)
    ],
    "inns": [("n001", "140521", "operating"), ("n002", "140521", "<script>alert(1)</script>")],
    "places": [
        ("140500", "prefecture", "14", "Jincheng", "晋城市"),
        ("140521", "county", "140500", "Qinshui County", "沁水县"),
        ("140522", "county", "140500", "Yangcheng County", "阳城县"),
    ],
    "_homeward_column": [
        (
            "businesses",
            "op_status",
            1,
            "Operating now?",
            "目前是否营业",
            "business",
            "/data/op_status",
            "as_is",
        ),
        (
            "businesses",
            "capital_sources",
            2,
            "Where the money came from",
            "资金来源",
            "business",
            "/data/capital",
            "as_is",
        ),
    ],
    "_homeward_choice": [
        ("businesses", "op_status", "operating", 1, "operating", "正常营业"),
        ("businesses", "op_status", "closed", 2, "closed", "已停业"),
        ("businesses", "capital_sources", "savings", 1, "own savings", "自有积蓄"),
        ("businesses", "capital_sources", "loan", 2, "bank loan", "银行贷款"),
        ("figures", "breakdown", "tax", 1, "Tax and fee relief", "减税降费"),
        ("figures", "breakdown", "guarantee_loan", 2, "Guaranteed loan", "创业担保贷款"),
        ("figures", "breakdown", "model", 3, "Named as a model", "评为典型"),
    ],
    "_homeward_left_out": [("business", "/data/phone", "drop", "private")],
}


def write_release(folder: Path, *, info: dict[str, str] | None = None, without: str = "") -> Path:
    """Writes `homeward.db`, `inspect.json`, `release.json` into a new `folder`; returns the database.

    `info` changes entries of `_homeward_release`; `without` names a table to leave out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "homeward.db"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.executemany("INSERT INTO _homeward_release VALUES (?, ?)", {**INFO, **(info or {})}.items())
    connection.executemany("INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?)", FIGURES)
    for position, (id, *texts) in enumerate(INDICATORS):
        row = (id, position, *texts, "Withheld below five persons.", "不足五人不公布。")
        connection.execute("INSERT INTO _homeward_indicator VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    for table, rows in ROWS.items():
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    if without:
        connection.execute(f"DROP TABLE {without}")
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
    command = [
        sys.executable,
        "-m",
        "datasette",
        "inspect",
        str(path),
        "--inspect-file",
        str(folder / "inspect.json"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "release.json").write_text(
        json.dumps({"version": {**INFO, **(info or {})}["version"]}), "utf-8"
    )
    return path
