"""The sheets of an XLSForm as they stand in the file, whatever the file is: read once, within bounds."""

from forms.sheets.model import Row, Sheet, Workbook
from forms.sheets.read import read_sheets

__all__ = ["Row", "Sheet", "Workbook", "read_sheets"]
