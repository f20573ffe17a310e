#!/bin/sh
# Builds the package, checks what was built, installs it as users do and tries it; the checkout must stay as it was.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
before=$(git status --porcelain)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

.venv/bin/python -m build --installer uv --outdir "$folder/dist" . >"$folder/log" 2>&1 || { tail -50 "$folder/log"; exit 1; }
.venv/bin/twine check --strict "$folder"/dist/*
.venv/bin/check-wheel-contents "$folder"/dist/*.whl

# From the files of the repository alone: here the front end is built too.
git clone --quiet . "$folder/clone"
.venv/bin/uv venv --quiet --python .venv/bin/python "$folder/venv"
.venv/bin/uv pip install --quiet --python "$folder/venv/bin/python" "$folder/clone"
[ -z "$(git -C "$folder/clone" status --porcelain)" ] || { git -C "$folder/clone" status; exit 1; }
.venv/bin/uv pip check --python "$folder/venv/bin/python"
du -sm "$folder/venv" | sed 's/\t.*/ MB are installed/'
.venv/bin/uv pip install --quiet --python "$folder/venv/bin/python" --no-deps --reinstall "$folder"/dist/*.whl

cd "$folder"
venv/bin/cscwidgets --version
venv/bin/cscwidgets tour tours >/dev/null
# The demo that is built here is the one of all further tests.
CSCWIDGETS_CACHE="$root/.pytest_cache/cscwidgets" venv/bin/python -c "from cscwidgets import Explorer; app = Explorer('M33', '6 arcmin', archive='demo'); app.wait(300); print(app)"
for name in aladin tabulator; do
    test -s "venv/share/jupyter/labextensions/cscwidgets/static/$name.js"
done
cd - >/dev/null
[ "$(git status --porcelain)" = "$before" ] || { git status; exit 1; }
