"""Files that stand beside a form, read within bounds: lists as rows, other XML as a tree; pictures, sound and video by
their first bytes. The one reader of them."""

from forms.attached.media import MEDIA, ending_of, media_name, read_media
from forms.attached.memory import memory_lists
from forms.attached.read import KINDS, AttachedFile, read_file

__all__ = [
    "KINDS",
    "MEDIA",
    "AttachedFile",
    "ending_of",
    "media_name",
    "memory_lists",
    "read_file",
    "read_media",
]
