// Made by `npm run generate` from shared/api/openapi/document.json; do not edit.

export interface paths {
    "/agents/{slug}/chat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Chat with an agent
         * @description The message is `text` or, without it, the user's last one in `messages`. Other messages are ignored, as the server has
         *     the history. Without a `thread_id`, each caller (a key or a user) has one thread with each agent. Message and answer
         *     are kept in the thread, even if the client disconnects; so is the partial answer of a turn that fails.
         *
         *     The answer is a stream unless `stream` is false: `status` for the state of the turn, a `message` for each piece of
         *     text, and `ui_blocks` for a tool's result that is a JSON object with `blocks`, a list of objects. Then follow `done`,
         *     or `error` if the turn failed midway, and last `flow_meta`.
         */
        post: operations["agentflowChatCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I
         * @description The user or the key, and the org's available credits. For a key, the address is that of its org.
         */
        get: operations["agentflowMeGet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List keys
         * @description The org's live keys, newest first, without their secrets.
         */
        get: operations["agentflowKeyList"];
        put?: never;
        /**
         * Mint a key
         * @description The key is shown only in this answer, and not in a replay of it. Needs an owner's session.
         */
        post: operations["agentflowKeyCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/me/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a key
         * @description The key stops working within five seconds. Revoking it again has no effect. Needs the session of an owner.
         */
        delete: operations["agentflowKeyDelete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AgentFlowAnswer: {
            content: string;
            flow_balance_remaining: components["schemas"]["AgentFlowCredits"];
            /** @description The same as content */
            text: string;
            thread_id: components["schemas"]["ThreadId"];
            tools: components["schemas"]["AgentFlowTool"][];
        };
        /**
         * @example {
         *       "blocks": [
         *         {
         *           "kind": "card",
         *           "title": "Opening hours"
         *         }
         *       ]
         *     }
         */
        AgentFlowBlocks: {
            /** @description Objects in a form that the tool and the page that displays them agree on. */
            blocks: {
                [key: string]: unknown;
            }[];
        };
        /**
         * @description Credits, to the thousandth.
         * @example 12.345
         */
        AgentFlowCredits: string;
        /**
         * @description The text itself.
         * @example three
         */
        AgentFlowDelta: string;
        AgentFlowDone: {
            content: string;
            /** @description The same as content */
            text: string;
            thread_id: components["schemas"]["ThreadId"];
            tools: components["schemas"]["AgentFlowTool"][];
        };
        /** @description One event of a streamed answer. */
        AgentFlowEvent: {
            data: string;
            /** @constant */
            event: "status";
        } | {
            data: string;
            /** @constant */
            event: "message";
        } | {
            data: string;
            /** @constant */
            event: "ui_blocks";
        } | {
            data: string;
            /** @constant */
            event: "done";
        } | {
            data: string;
            /** @constant */
            event: "error";
        } | {
            data: string;
            /** @constant */
            event: "flow_meta";
        };
        AgentFlowFlowMeta: {
            balance_remaining: components["schemas"]["AgentFlowCredits"];
        };
        /**
         * @example {
         *       "state": "tool_start",
         *       "tool": "opening_hours"
         *     }
         */
        AgentFlowStatus: {
            /** @constant */
            state: "thinking";
        } | {
            /** @enum {unknown} */
            state: "tool_start" | "tool_done";
            /** @description The tool's name */
            tool: string;
        };
        /**
         * @example {
         *       "error": "model_unavailable",
         *       "message": "The model is not available right now"
         *     }
         */
        AgentFlowStreamError: {
            /** @enum {unknown} */
            error: "insufficient_flow" | "model_unavailable" | "auto_redeploy_failed" | "conflict" | "internal_error";
            message: string;
        };
        /**
         * @example {
         *       "name": "opening_hours",
         *       "arguments": {
         *         "day": "sunday"
         *       },
         *       "result": "closed"
         *     }
         */
        AgentFlowTool: {
            /** @description The tool's arguments. */
            arguments: unknown;
            name: string;
            result: string;
        };
        /**
         * @description There are only two roles, as instructions belong to the agent.
         * @example {
         *       "role": "user",
         *       "content": "Do you rent shoes?"
         *     }
         */
        ChatMessage: {
            content: components["schemas"]["Content"];
            /** @enum {unknown} */
            role: "user" | "assistant";
        };
        /**
         * @description A text, or a list of parts, which are joined.
         * @example Do you rent shoes?
         */
        Content: string | components["schemas"]["TextPart"][];
        /**
         * @description The thread to continue, or to start with this id.
         * @example visit-4711
         */
        OptionalThreadId: string | null;
        /**
         * @description At most 128 KiB, and not blank.
         * @example Do you rent shoes?
         */
        QuestionText: string;
        /**
         * @example {
         *       "type": "text",
         *       "text": "Do you rent shoes?"
         *     }
         */
        TextPart: {
            text: string;
            /** @constant */
            type: "text";
        };
        /**
         * @description A thread of the org, the same over every API.
         * @example visit-4711
         */
        ThreadId: string;
    };
    responses: {
        /** @description The Idempotency-Key was used with another body, or its first request is still running. */
        AgentFlowConflict: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "Retry-After": components["headers"]["RetryAfterIfRunning"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentFlowBalanceIfAdmitted"];
                "x-flow-precharge": components["headers"]["AgentFlowPrechargeIfAdmitted"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "conflict",
                 *       "message": "This Idempotency-Key was used with another request body"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "conflict";
                    message: string;
                };
            };
        };
        /** @description The caller has no right to do this. */
        AgentFlowForbidden: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "forbidden",
                 *       "message": "This origin may not change anything with the session cookie"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "forbidden";
                    message: string;
                };
            };
        };
        /** @description The agent was deleted. */
        AgentFlowGone: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "agent_tombstoned"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "agent_tombstoned";
                };
            };
        };
        /** @description The available credits do not cover the turn. */
        AgentFlowInsufficientCredits: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentFlowBalanceIfAdmitted"];
                "x-flow-precharge": components["headers"]["AgentFlowPrechargeIfAdmitted"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "insufficient_flow",
                 *       "balance": "0.120",
                 *       "topup_url": "https://api.example.com/console"
                 *     }
                 */
                "application/json": {
                    balance: components["schemas"]["AgentFlowCredits"];
                    /** @constant */
                    error: "insufficient_flow";
                    /**
                     * Format: uri
                     * @description The page to buy credits
                     */
                    topup_url: string;
                };
            };
        };
        /** @description An internal error. */
        AgentFlowInternalError: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentFlowBalanceIfAdmitted"];
                "x-flow-precharge": components["headers"]["AgentFlowPrechargeIfAdmitted"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "internal_error"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "internal_error";
                };
            };
        };
        /** @description The request is malformed; the message names the field. */
        AgentFlowInvalid: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "invalid_request",
                 *       "message": "text is required and must be a string unless messages is given"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "invalid_request";
                    message: string;
                };
            };
        };
        /** @description The Idempotency-Key was used with another body, or its first request is still running. */
        AgentFlowKeysConflict: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Retry-After": components["headers"]["RetryAfterIfRunning"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "conflict",
                 *       "message": "This Idempotency-Key was used with another request body"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "conflict";
                    message: string;
                };
            };
        };
        /** @description The caller has no right to do this, or the page's origin is not allowed. */
        AgentFlowKeysForbidden: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "forbidden",
                 *       "message": "Only owners may do this"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "forbidden";
                    message: string;
                };
            };
        };
        /** @description An internal error. */
        AgentFlowKeysInternalError: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "internal_error"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "internal_error";
                };
            };
        };
        /** @description The request is malformed; the message names the field. */
        AgentFlowKeysInvalid: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "invalid_request",
                 *       "message": "name is required and must be a string of 1 to 100 characters"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "invalid_request";
                    message: string;
                };
            };
        };
        /** @description The resource does not exist, or belongs to another org. */
        AgentFlowKeysNotFound: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "not_found"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "not_found";
                };
            };
        };
        /** @description The body exceeds 1 MiB. */
        AgentFlowKeysTooLarge: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "payload_too_large",
                 *       "message": "The request body must be at most 1 MiB"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "payload_too_large";
                    message: string;
                };
            };
        };
        /** @description The key or session is missing or not valid. */
        AgentFlowKeysUnauthorized: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "invalid_api_key"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "invalid_api_key";
                };
            };
        };
        /** @description The body has a `Content-Encoding`, and none is supported. */
        AgentFlowKeysUnreadable: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "unsupported_media_type",
                 *       "message": "A body with the Content-Encoding gzip is not supported: send it without an encoding"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "unsupported_media_type";
                    message: string;
                };
            };
        };
        /** @description The agent's model is unknown or not allowed. */
        AgentFlowModelRefused: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentFlowBalanceIfAdmitted"];
                "x-flow-precharge": components["headers"]["AgentFlowPrechargeIfAdmitted"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "auto_redeploy_failed"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "auto_redeploy_failed";
                };
            };
        };
        /** @description The model is unavailable. */
        AgentFlowModelUnavailable: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "Retry-After": components["headers"]["RetryAfter"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentFlowBalanceIfAdmitted"];
                "x-flow-precharge": components["headers"]["AgentFlowPrechargeIfAdmitted"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "model_unavailable"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "model_unavailable";
                };
            };
        };
        /** @description The resource does not exist, or belongs to another org or key. Or the agent has no deployed version, which the message then says. */
        AgentFlowNotFound: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "not_found"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "not_found";
                    message?: string;
                };
            };
        };
        /** @description A limit of requests per minute or a monthly cap is reached. */
        AgentFlowRateLimited: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "Retry-After": components["headers"]["RetryAfter"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentFlowBalanceIfAdmitted"];
                "x-flow-precharge": components["headers"]["AgentFlowPrechargeIfAdmitted"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "rate_limited"
                 *     }
                 */
                "application/json": {
                    /** @enum {unknown} */
                    error: "rate_limited" | "message_limit_reached";
                };
            };
        };
        /** @description The body exceeds 1 MiB. */
        AgentFlowTooLarge: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "payload_too_large",
                 *       "message": "The request body must be at most 1 MiB"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "payload_too_large";
                    message: string;
                };
            };
        };
        /** @description The key is missing or not valid. */
        AgentFlowUnauthorized: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "invalid_api_key"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "invalid_api_key";
                };
            };
        };
        /** @description The body has a `Content-Encoding`, and none is supported. */
        AgentFlowUnreadable: {
            headers: {
                "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                Vary: components["headers"]["Vary"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "unsupported_media_type",
                 *       "message": "A body with the Content-Encoding gzip is not supported: send it without an encoding"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "unsupported_media_type";
                    message: string;
                };
            };
        };
    };
    parameters: {
        /**
         * @description Makes the request safe to repeat. It takes effect once.
         * @example 5f0f4ad1-9c2e-4a5b-8f5d-3a0d2c1b7e66
         */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: {
        /** @description Tells proxies not to buffer the stream. */
        AccelBuffering: "no";
        /** @description The credits that were available when the turn was admitted, before its hold. */
        AgentFlowBalance: components["schemas"]["AgentFlowCredits"];
        /** @description The credits that were available when the turn was admitted. Only if it was admitted. */
        AgentFlowBalanceIfAdmitted: components["schemas"]["AgentFlowCredits"];
        /** @description The credits held for the turn until it is settled. */
        AgentFlowPrecharge: components["schemas"]["AgentFlowCredits"];
        /** @description The credits held for the turn, if it was admitted. */
        AgentFlowPrechargeIfAdmitted: components["schemas"]["AgentFlowCredits"];
        /** @description Allows the page to send the session cookie. Only for origins in the org's settings, never for `*`. */
        AllowCredentials: "true";
        /**
         * @description The origin whose pages may read the answer: an origin in the org's settings, on every route. On routes that pages may
         *     call, any origin, if the org's settings name none. Missing if the requesting origin is not allowed.
         * @example *
         */
        AllowOrigin: string;
        /** @description How long a cache may keep the answer. Proxies must not transform it. */
        CacheControl: string;
        /**
         * @description The headers that the page may read.
         * @example X-Request-Id, Retry-After
         */
        ExposeHeaders: string;
        /** @description The answer has a secret, which no cache may keep. */
        NoStore: "no-store";
        /**
         * @description The remaining requests of each, and the seconds until its window ends.
         * @example "org";r=599;t=60, "key";r=299;t=60
         */
        RateLimit: string;
        /**
         * @description The limits of the org, and of the key or user, in chats per minute (`w` seconds), as the IETF's draft "RateLimit header
         *     fields for HTTP" specifies. On answers to chats that were admitted, or refused for a limit or missing credits.
         * @example "org";q=600;w=60, "key";q=300;w=60
         */
        RateLimitPolicy: string;
        /** @description This is the answer to an earlier request with the same Idempotency-Key. */
        Replayed: "true";
        /**
         * @description The request's id in the log.
         * @example 0d8f9f5e-6d5c-4a1b-9a5e-0c9f2f3f1a77
         */
        RequestId: string;
        /**
         * @description Seconds to wait before a retry.
         * @example 60
         */
        RetryAfter: number;
        /**
         * @description Seconds to wait before a retry, if the conflict is temporary.
         * @example 1
         */
        RetryAfterIfRunning: number;
        /** @description Origin, where the answer depends on it. */
        Vary: "Origin";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    agentflowChatCreate: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat. It takes effect once.
                 * @example 5f0f4ad1-9c2e-4a5b-8f5d-3a0d2c1b7e66
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The agent, by slug or id.
                 * @example front-desk-457c1d
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default true */
                    stream?: boolean | null;
                    thread_id?: components["schemas"]["OptionalThreadId"];
                } | {
                    text: components["schemas"]["QuestionText"];
                } | {
                    /** @description At least one message must be from the user, and the last of these must not be blank. */
                    messages: components["schemas"]["ChatMessage"][];
                    text?: null;
                };
            };
        };
        responses: {
            /** @description The answer, streamed or whole. */
            200: {
                headers: {
                    "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    "Idempotency-Replayed": components["headers"]["Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                    Vary: components["headers"]["Vary"];
                    "X-Accel-Buffering": components["headers"]["AccelBuffering"];
                    "x-flow-balance": components["headers"]["AgentFlowBalance"];
                    "x-flow-precharge": components["headers"]["AgentFlowPrecharge"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentFlowAnswer"];
                    "text/event-stream": components["schemas"]["AgentFlowEvent"];
                };
            };
            400: components["responses"]["AgentFlowInvalid"];
            401: components["responses"]["AgentFlowUnauthorized"];
            402: components["responses"]["AgentFlowInsufficientCredits"];
            403: components["responses"]["AgentFlowForbidden"];
            404: components["responses"]["AgentFlowNotFound"];
            409: components["responses"]["AgentFlowConflict"];
            410: components["responses"]["AgentFlowGone"];
            413: components["responses"]["AgentFlowTooLarge"];
            415: components["responses"]["AgentFlowUnreadable"];
            429: components["responses"]["AgentFlowRateLimited"];
            500: components["responses"]["AgentFlowInternalError"];
            502: components["responses"]["AgentFlowModelRefused"];
            503: components["responses"]["AgentFlowModelUnavailable"];
        };
    };
    agentflowMeGet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "6f0c2a4e-93b1-4f27-8a55-0d1c3e5f7a90",
                     *       "email": "ada@example.com",
                     *       "org_id": "0199e1f2-6c1a-7d3e-9a44-2f8f5c0b7e00",
                     *       "balance": "12.345"
                     *     }
                     */
                    "application/json": {
                        balance: string;
                        email: string;
                        /** Format: uuid */
                        id: string;
                        /** Format: uuid */
                        org_id: string;
                    };
                };
            };
            401: components["responses"]["AgentFlowKeysUnauthorized"];
            403: components["responses"]["AgentFlowKeysForbidden"];
            500: components["responses"]["AgentFlowKeysInternalError"];
        };
    };
    agentflowKeyList: {
        parameters: {
            query?: {
                /** @description The id of the previous page's last key. */
                after?: string;
                /** @description The largest number of items in the page. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys. */
            200: {
                headers: {
                    "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        created_at: string;
                        /** @description The key's last four characters */
                        hint: string;
                        /** Format: uuid */
                        id: string;
                        name: string;
                    }[];
                };
            };
            400: components["responses"]["AgentFlowKeysInvalid"];
            401: components["responses"]["AgentFlowKeysUnauthorized"];
            403: components["responses"]["AgentFlowKeysForbidden"];
            500: components["responses"]["AgentFlowKeysInternalError"];
        };
    };
    agentflowKeyCreate: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat. It takes effect once.
                 * @example 5f0f4ad1-9c2e-4a5b-8f5d-3a0d2c1b7e66
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description 1 to 100 characters, not only spaces. */
                    name: string;
                };
            };
        };
        responses: {
            /** @description The key. */
            201: {
                headers: {
                    "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["NoStore"];
                    "Idempotency-Replayed": components["headers"]["Replayed"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        created_at: string;
                        /** Format: uuid */
                        id: string;
                        key?: string;
                        name: string;
                    };
                };
            };
            400: components["responses"]["AgentFlowKeysInvalid"];
            401: components["responses"]["AgentFlowKeysUnauthorized"];
            403: components["responses"]["AgentFlowKeysForbidden"];
            409: components["responses"]["AgentFlowKeysConflict"];
            413: components["responses"]["AgentFlowKeysTooLarge"];
            415: components["responses"]["AgentFlowKeysUnreadable"];
            500: components["responses"]["AgentFlowKeysInternalError"];
        };
    };
    agentflowKeyDelete: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Makes the request safe to repeat. It takes effect once.
                 * @example 5f0f4ad1-9c2e-4a5b-8f5d-3a0d2c1b7e66
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description The key.
                 * @example 0199e1f2-6c1a-7d3e-9a44-2f8f5c0b7e11
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is revoked. */
            204: {
                headers: {
                    "Access-Control-Allow-Credentials": components["headers"]["AllowCredentials"];
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Idempotency-Replayed": components["headers"]["Replayed"];
                    Vary: components["headers"]["Vary"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["AgentFlowKeysInvalid"];
            401: components["responses"]["AgentFlowKeysUnauthorized"];
            403: components["responses"]["AgentFlowKeysForbidden"];
            404: components["responses"]["AgentFlowKeysNotFound"];
            409: components["responses"]["AgentFlowKeysConflict"];
            500: components["responses"]["AgentFlowKeysInternalError"];
        };
    };
}
