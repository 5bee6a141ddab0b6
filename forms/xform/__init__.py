"""ODK XForms to `forms.Form`."""
