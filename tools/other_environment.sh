#!/bin/sh
# Makes an environment beside the usual one: `other_environment.sh FOLDER PYTHONS RESOLUTION`, with uv, whose resolution
# `lowest-direct` takes the lowest versions that pyproject.toml declares. The tests' own tools are the newest ones.
# Of several versions of Python the first that is on this machine is taken; without any it says so and makes none.
set -eu
folder=$1 versions=$2 resolution=$3
uv=.venv/bin/uv
export UV_PYTHON_DOWNLOADS=never SKIP_JUPYTER_BUILDER=1

python=
for version in $versions; do
    # pyenv has versions that are not in the path.
    python=$(command -v "$(pyenv prefix "$(pyenv latest "$version" 2>/dev/null)" 2>/dev/null)/bin/python" ||
        "$uv" python find --no-project "$version" 2>/dev/null) && break
done
[ -n "$python" ] || {
    echo "Python $versions is not on this machine: NOT TESTED with it."
    rm -rf "$folder"
    exit 0
}
[ -x "$folder/bin/python" ] || "$uv" venv --quiet --python "$python" "$folder"
rm -f "$folder/versions.txt" # uv would keep to it
"$uv" pip compile --quiet --no-header --no-annotate --resolution "$resolution" --python-version "$version" \
    --extra sherpa --extra lab pyproject.toml --output-file "$folder/versions.txt"
"$uv" pip install --quiet --python "$folder/bin/python" --requirement "$folder/versions.txt" --editable ".[test]"
