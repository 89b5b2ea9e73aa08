"""LibreOffice presses the buttons of a book and calls its macros; prints what came of it as JSON.

Run by the Python that has LibreOffice's ``uno`` module: BOOK COMMANDS, the commands a JSON list of
``["press", caption]``, ``["call", macro]`` or ``["cell", sheet, address]``.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

PIPE = "pipe,name=macros;urp;StarOffice.ComponentContext"
SCRIPT = "vnd.sun.star.script:VBAProject.{}?language=Basic&location=document"


def option(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def main():
    book = Path(sys.argv[1]).resolve().as_uri()
    with tempfile.TemporaryDirectory() as folder:
        office = subprocess.Popen(
            ["soffice", "--headless", "--norestore", f"--accept={PIPE}",
             f"-env:UserInstallation={Path(folder).as_uri()}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", context
        )
        remote, deadline = None, time.time() + 60
        while remote is None:
            try:
                remote = resolver.resolve(f"uno:{PIPE}")
            except Exception:
                if time.time() > deadline:
                    raise
                time.sleep(0.2)
        desktop = remote.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", remote
        )
        try:
            # Hidden books run no macros; 4 = run them without asking.
            options = (option("Hidden", False), option("MacroExecutionMode", 4))
            document = desktop.loadComponentFromURL(book, "_blank", 0, options)
            print(json.dumps([answer(document, *one) for one in json.loads(sys.argv[2])]))
            document.close(True)
        finally:
            with contextlib.suppress(Exception):  # it hangs up while it answers
                desktop.terminate()
            office.wait(60)


def answer(document, kind, *rest):
    if kind == "press":
        return press(document, *rest)
    if kind == "call":
        script = document.getScriptProvider().getScript(SCRIPT.format(rest[0]))
        arguments = (document,) if "KpiRibbon." in rest[0] else ()  # the control: some object
        return str(script.invoke(arguments, (), ())[0])
    if kind == "cell":
        return document.Sheets.getByName(rest[0]).getCellRangeByName(rest[1]).String
    if kind == "buttons":
        return [control.Label for control, _ in controls(document)]
    raise ValueError(kind)


def controls(document):
    for number in range(document.Sheets.Count):
        forms = document.Sheets.getByIndex(number).DrawPage.Forms
        for n in range(forms.Count):
            form = forms.getByIndex(n)
            for place in range(form.Count):
                yield form.getByIndex(place), form.getScriptEvents(place)


def press(document, caption):
    for control, events in controls(document):
        if control.Label == caption:
            code = events[0].ScriptCode
            document.getScriptProvider().getScript(code).invoke((), (), ())
            return code
    raise ValueError(caption)


if __name__ == "__main__":
    main()
