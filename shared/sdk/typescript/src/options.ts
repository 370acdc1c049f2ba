/** A secret, or what gives the present one: it is asked before every try. */
export type Secret = string | (() => string | Promise<string>);

/** How to reach the service and as whom. One of `apiKey`, `token` and `credentials` is needed. */
export interface AgentFlowOptions {
  /** Where the service answers, as `https://api.example.com`. A path is kept: `https://x.execute-api.eu-west-1.amazonaws.com/live`. */
  baseUrl: string;
  /** An API key, sent as `x-api-key`. */
  apiKey?: Secret | undefined;
  /** A session's JWT, sent as `Authorization: Bearer`. */
  token?: Secret | undefined;
  /** `include` lets a browser send the session's cookie. */
  credentials?: RequestCredentials | undefined;
  /** Milliseconds that a whole answer, or the beginning of a streamed one, may take in each try. Default: 120,000. */
  timeout?: number | undefined;
  /** Milliseconds that a stream may be silent; the service gives a sign of life every 10 s. Default: 30,000. */
  idleTimeout?: number | undefined;
  /** How often a call that may pass is repeated. Default: 2. */
  maxRetries?: number | undefined;
  /** In place of the platform's fetch. */
  fetch?: typeof fetch | undefined;
}

/** What one call may have of its own. */
export interface RequestOptions {
  /** Ends the call; it then rejects with the signal's reason. The turn itself goes on, and is charged. */
  signal?: AbortSignal | undefined;
  timeout?: number | undefined;
  idleTimeout?: number | undefined;
  maxRetries?: number | undefined;
  /** For a POST or DELETE: repeats with the same key take effect once. Made up for each call when missing. */
  idempotencyKey?: string | undefined;
}

/** The options that every call has, checked. */
export interface Settings {
  timeout: number;
  idleTimeout: number;
  maxRetries: number;
}

const defaults: Settings = { timeout: 120_000, idleTimeout: 30_000, maxRetries: 2 };

/** What is set in options, else in base. */
export function settingsOf(options: Partial<{ [K in keyof Settings]: number | undefined }>, base = defaults): Settings {
  const settings = { ...base };
  for (const name of Object.keys(base) as (keyof Settings)[]) {
    const value = options[name];
    if (value === undefined) {
      continue;
    }
    if (typeof value !== "number" || !(value >= 0)) {
      throw new TypeError(`${name} must be a number that is not negative`);
    }
    settings[name] = value;
  }
  return settings;
}

/** Refuses what other clients take: a key alone, and other spellings of our options. */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError('the options must be an object: new AgentFlow({ apiKey, baseUrl: "https://api.example.com" })');
  }
  for (const name of ["baseUrl", "apiKey"]) {
    const other = Object.keys(options).find((given) => given !== name && plain(given) === plain(name));
    if (other !== undefined) {
      throw new TypeError(`the option ${other} is called ${name} here`);
    }
  }
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** The base URL without its last slash. */
export function baseOf(baseUrl: string): string {
  if (!baseUrl) {
    throw new TypeError(
      'baseUrl is missing, which has no default: new AgentFlow({ apiKey, baseUrl: "https://api.example.com" })',
    );
  }
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch {
    throw new TypeError("baseUrl must be an absolute URL, as https://api.example.com");
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new TypeError("baseUrl must be http or https, without credentials, query and fragment");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}
