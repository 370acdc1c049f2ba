# Sourced by the examples in curl. It sets the variables that it is given, as
# settings.py does, and defines field.

_here=$(dirname "${BASH_SOURCE[0]}")
_settings=$(python3 "$_here/settings.py" "$@") || exit 1
eval "$_settings"
. "$_here/field.sh"
