"""Made-up names, each marked as an example, and the ways in which a name is written wrongly."""

from __future__ import annotations

from random import Random

MARK = "（示例）"
SURNAMES = "王李张刘陈杨赵黄周吴郭马高林田"
GIVEN = (
    "小梅",
    "建国",
    "志强",
    "秀英",
    "永红",
    "海燕",
    "立新",
    "春花",
    "文斌",
    "晓东",
    "玉兰",
    "国平",
    "丽芳",
    "铁柱",
    "新民",
)
# Characters that sound alike, so that a list made by ear holds the person twice.
HOMOPHONES = {
    "梅": "媒",
    "强": "墙",
    "英": "瑛",
    "燕": "艳",
    "新": "欣",
    "红": "洪",
    "斌": "彬",
    "兰": "岚",
    "芳": "方",
    "民": "明",
    "平": "萍",
    "国": "果",
    "花": "华",
    "东": "冬",
    "柱": "住",
}
TRADES = (
    ("养蜂场", "养蜂、卖蜂蜜", "livestock"),
    ("土鸡养殖场", "散养土鸡、卖鸡蛋", "livestock"),
    ("中药材合作社", "种连翘、黄芩", "crop"),
    ("小米加工坊", "收谷子、磨小米", "processing"),
    ("手工醋坊", "酿醋、卖醋", "processing"),
    ("电商服务站", "代卖山货、收发快递", "ecommerce"),
    ("农家饭店", "做家常菜", "catering"),
    ("果园", "种苹果、核桃", "crop"),
    ("香菇大棚", "种香菇", "crop"),
    ("木器坊", "打家具", "craft"),
)
INNS = ("山居", "小院", "客栈", "人家", "驿站")


def person(rng: Random) -> str:
    """`王小梅（示例）`."""
    return f"{rng.choice(SURNAMES)}{rng.choice(GIVEN)}{MARK}"


def phone(number: int) -> str:
    """A made-up telephone number; swapping its last two digits never gives another's."""
    return f"19900{number:04d}{number % 10}{(number + 3) % 10}"


def homophone(name: str) -> str:
    """The name with its last character that has one replaced by one that sounds alike."""
    for place in range(len(name) - len(MARK) - 1, -1, -1):
        if name[place] in HOMOPHONES:
            return name[:place] + HOMOPHONES[name[place]] + name[place + 1 :]
    return name


def mistyped(name: str) -> str:
    """The name with two characters swapped, as fingers do."""
    return name[1] + name[0] + name[2:]


def mistyped_number(number: str) -> str:
    """The number with its last two digits swapped; the last one changed when they are equal."""
    if number[-1] != number[-2]:
        return number[:-2] + number[-1] + number[-2]
    return number[:-1] + str((int(number[-1]) + 5) % 10)
