/** Returns a value as one segment of a path. Dots and empty segments are refused: URLs drop them, and would match another route. */
export function segment(name: string, value: string): string {
  if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
    throw new TypeError(`${name} must be a name or an id`);
  }
  return encodeURIComponent(value);
}
