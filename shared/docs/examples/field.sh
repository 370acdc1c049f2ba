# field EXPRESSION: a part of the JSON on standard input, as Python indexes it.
# JSON without that part, such as an error, is printed to standard error.
field() {
  python3 -c "
import json, sys
text = sys.stdin.read()
try:
    part = json.loads(text)$1
except (ValueError, LookupError, TypeError):
    sys.exit(text or 'no answer')
print(part if isinstance(part, str) else json.dumps(part))
"
}
