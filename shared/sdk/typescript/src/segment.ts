/** A value as one segment of a path. URLs swallow dots and empty segments, so that those would reach another route. */
export function segment(name: string, value: string): string {
  if (typeof value !== "string" || /^\.{0,2}$/.test(value)) {
    throw new TypeError(`${name} must be a name or an id`);
  }
  return encodeURIComponent(value);
}
