"""The form check: everything that is wrong with a form, with place and remedy."""

from forms.check.check import check_form, compared
from forms.check.finding import Finding, Place, Report
from forms.check.versions import Uses

__all__ = ["Finding", "Place", "Report", "Uses", "check_form", "compared"]
