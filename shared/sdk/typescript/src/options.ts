/** A secret, or a function that returns the current one, called before every attempt. */
export type Secret = string | (() => string | Promise<string>);

/** The service's address and the caller's credentials. One of `apiKey`, `token` and `credentials` is needed. */
export interface AgentFlowOptions {
  /** The service's address, for example `https://api.example.com`. A path is kept: `https://x.execute-api.eu-west-1.amazonaws.com/live`. */
  baseUrl: string;
  /** An API key, sent as `x-api-key`. */
  apiKey?: Secret | undefined;
  /** A session's JWT, sent as `Authorization: Bearer`. */
  token?: Secret | undefined;
  /** `include` lets a browser send the session's cookie. */
  credentials?: RequestCredentials | undefined;
  /** Milliseconds that a whole answer, or the beginning of a streamed one, may take in each attempt. Default: 120,000. */
  timeout?: number | undefined;
  /** Milliseconds that a stream may be silent; the service sends a heartbeat every 10 s. Default: 30,000. */
  idleTimeout?: number | undefined;
  /** How often a call with a temporary failure is retried. Default: 2. */
  maxRetries?: number | undefined;
  /** Replaces the platform's fetch. */
  fetch?: typeof fetch | undefined;
}

/** Options of one call. */
export interface RequestOptions {
  /** Cancels the call, which then rejects with the signal's reason. The turn itself continues, and is charged. */
  signal?: AbortSignal | undefined;
  timeout?: number | undefined;
  idleTimeout?: number | undefined;
  maxRetries?: number | undefined;
  /** For a POST or DELETE: calls with the same key take effect once. Default: a new key for each call. */
  idempotencyKey?: string | undefined;
}

/** The checked options of every call. */
export interface Settings {
  timeout: number;
  idleTimeout: number;
  maxRetries: number;
}

const defaults: Settings = { timeout: 120_000, idleTimeout: 30_000, maxRetries: 2 };

/** Returns the values that are set in options, else those of base. */
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

/** Refuses the arguments of other clients: a key alone, and other spellings of options. */
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

/** Returns the base URL without its last slash. */
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
