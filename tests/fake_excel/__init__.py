"""A stand-in for Excel: xlwings' own Windows classes over an object model that records and refuses.

``opened`` gives an ``xlwings.Book`` whose cells come from a real file.  Below xlwings stands
``model``, which knows what Excel makes of what is typed into cells, tables, protection and filters,
as far as the live book needs it; everything above it is xlwings' real code.
"""

from fake_excel.bridge import com_error, opened
from fake_excel.model import state

__all__ = ["com_error", "opened", "state"]
