"""Write the JSON Schema of sessions, which the package and its documentation carry."""

import json
from pathlib import Path

from cscwidgets.state.session_file import session_schema
from cscwidgets.state.workspace import KEPT

PLACE = Path(__file__).resolve().parents[1] / "cscwidgets" / "state" / "session.schema.json"

if __name__ == "__main__":
    PLACE.write_text(json.dumps(session_schema(KEPT), indent=1) + "\n", "utf-8")
