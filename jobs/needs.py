"""Finds a Python that has the packages that a script needs: the one that runs it, else the system's."""
import os
import subprocess
import sys
from pathlib import Path

from wealthsim.packages import has, how_to_install, named

SYSTEM = "/usr/bin/python3"


def need(*modules):
    """Return where this Python has all the modules; go over to the system's Python where that has them; else end with
    status 2 and say which packages are missing. To be called before anything is done, by the script itself."""
    missing = [name for name in modules if not has(name)]
    if not missing:
        return
    others = sys.executable != SYSTEM and os.access(SYSTEM, os.X_OK)
    if others and not subprocess.run([SYSTEM, "-c", f"import {', '.join(modules)}"], capture_output=True).returncode:
        sys.stdout.flush()
        os.execv(SYSTEM, [SYSTEM, *sys.argv])
    print(f"{Path(sys.argv[0]).name}: {sys.executable} lacks {named(missing)}{f', and so does {SYSTEM}' if others else ''}.\n"
          f"{how_to_install(missing)}", file=sys.stderr)  # fmt: skip
    sys.exit(2)
