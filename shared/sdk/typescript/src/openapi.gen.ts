// Made by `npm run generate` from shared/api/openapi/document.json; do not edit.

export interface paths {
    "/agents/{slug}/chat": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The agent, by slug or id.
                 * @example front-desk-457c1d
                 */
                slug: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Chat with an agent
         * @description Answers as a stream of events, or, with `"stream": false`, in one piece. What was available and what is held for
         *     the turn is in the head of either.
         *
         *     A stream begins with a `status` of `thinking`; each piece of text is a `message`; `tool_start` and `tool_done`
         *     stand around each use of a tool; and when a tool's result is a JSON object with `blocks`, a list of objects, they
         *     follow as `ui_blocks`. After the text comes `done`, or `error` if the turn broke off, and last of all `flow_meta`.
         *
         *     Without `thread_id` there is one conversation for each caller, a key or a user, with each agent. Message and
         *     answer are kept in it, also when nobody reads the stream to its end; what a turn said before it failed is kept too.
         */
        post: operations["agentflowChatCreate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description An amount of FLOW.
         * @example 12.345
         */
        AgentflowAmount: string;
        /**
         * @example {
         *       "content": "We have three.",
         *       "text": "We have three.",
         *       "tools": [],
         *       "thread_id": "visitor:17",
         *       "flow_balance_remaining": "12.343"
         *     }
         */
        AgentflowAnswer: {
            content: string;
            flow_balance_remaining: components["schemas"]["AgentflowAmount"];
            /** @description The same as content */
            text: string;
            thread_id: components["schemas"]["AgentflowThreadId"];
            tools: components["schemas"]["AgentflowTools"];
        };
        /** @description A turn, given as `text`, or as a list of messages of which the user's last one counts. `text` goes first. */
        AgentflowChat: {
            /** @default true */
            stream: boolean | null;
            text?: components["schemas"]["AgentflowTurnText"] | null;
            thread_id?: components["schemas"]["AgentflowThreadId"] | null;
        } | {
            text: string;
        } | {
            messages: components["schemas"]["AgentflowMessage"][];
            text?: null;
        };
        /**
         * @example {
         *       "content": "We have three.",
         *       "text": "We have three.",
         *       "tools": [],
         *       "thread_id": "visitor:17"
         *     }
         */
        AgentflowDone: {
            content: string;
            /** @description The same as content */
            text: string;
            thread_id: components["schemas"]["AgentflowThreadId"];
            tools: components["schemas"]["AgentflowTools"];
        };
        /** @description One event of an answer. */
        AgentflowEvent: {
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
        /**
         * @example {
         *       "balance_remaining": "12.343"
         *     }
         */
        AgentflowFlowMeta: {
            balance_remaining: components["schemas"]["AgentflowAmount"];
        };
        /** @description The user's last message is the turn. The others are not looked at - the history is kept here. */
        AgentflowMessage: {
            content: string | {
                text: string;
                /** @constant */
                type: "text";
            }[];
            /** @enum {unknown} */
            role: "user" | "assistant";
        };
        /**
         * @example {
         *       "state": "tool_start",
         *       "tool": "opening_hours"
         *     }
         */
        AgentflowStatus: {
            /** @constant */
            state: "thinking";
        } | {
            /** @enum {unknown} */
            state: "tool_start" | "tool_done";
            tool: string;
        };
        /**
         * @example {
         *       "error": "model_unavailable",
         *       "message": "The model did not finish in time"
         *     }
         */
        AgentflowStreamError: {
            /** @description A code as in an answer that is an error */
            error: string;
            message: string;
        };
        /**
         * @description Names a conversation of the org. One that is not known yet begins with this turn.
         * @example visitor:17
         */
        AgentflowThreadId: string;
        /** @description The tools that were used, in order. */
        AgentflowTools: {
            /** @description What the tool was given. */
            arguments: unknown;
            name: string;
            /** @description What it answered, or why it did not */
            result: string;
        }[];
        /** @description At most 128 KiB, and not blank. */
        AgentflowTurnText: string;
        /**
         * @example {
         *       "blocks": [
         *         {
         *           "type": "card",
         *           "title": "Opening hours"
         *         }
         *       ]
         *     }
         */
        AgentflowUiBlocks: {
            blocks: {
                [key: string]: unknown;
            }[];
        };
    };
    responses: {
        /** @description The Idempotency-Key came with another body, or its first request still runs. */
        AgentflowChatConflict: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                "Retry-After": components["headers"]["RetryAfterIfRunning"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentflowBalance"];
                "x-flow-precharge": components["headers"]["AgentflowPrecharge"];
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
        /** @description A page of an origin that is not allowed made a browser send its session cookie. */
        AgentflowChatForbidden: {
            headers: {
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
        /** @description What is available does not cover what a turn holds. */
        AgentflowChatInsufficientFlow: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentflowBalance"];
                "x-flow-precharge": components["headers"]["AgentflowPrecharge"];
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "error": "insufficient_flow",
                 *       "balance": "0.250",
                 *       "topup_url": "https://api.example.com/console"
                 *     }
                 */
                "application/json": {
                    balance: components["schemas"]["AgentflowAmount"];
                    /** @constant */
                    error: "insufficient_flow";
                    /**
                     * Format: uri
                     * @description Where to buy more
                     */
                    topup_url: string;
                };
            };
        };
        /** @description Something is wrong on our side. */
        AgentflowChatInternalError: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentflowBalance"];
                "x-flow-precharge": components["headers"]["AgentflowPrecharge"];
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
        /** @description The request is malformed; `message` names the field. */
        AgentflowChatInvalid: {
            headers: {
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
                 *       "message": "stream must be true or false"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    error: "invalid_request";
                    message: string;
                };
            };
        };
        /** @description The model is busy. */
        AgentflowChatModelUnavailable: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                "Retry-After": components["headers"]["RetryAfter"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentflowBalance"];
                "x-flow-precharge": components["headers"]["AgentflowPrecharge"];
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
        /** @description There is no such agent, it has no deployed version, or this caller may not use it or the thread. */
        AgentflowChatNotFound: {
            headers: {
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
        /** @description Too many requests in this minute, or a cap of this month is reached. */
        AgentflowChatRateLimited: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Retry-After": components["headers"]["RetryAfter"];
                Vary: components["headers"]["Vary"];
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
        /** @description The deployed version cannot be run as it is - its model is unknown or not allowed. */
        AgentflowChatRedeployFailed: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                "Idempotency-Replayed": components["headers"]["Replayed"];
                Vary: components["headers"]["Vary"];
                "x-flow-balance": components["headers"]["AgentflowBalance"];
                "x-flow-precharge": components["headers"]["AgentflowPrecharge"];
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
        /** @description The agent was deleted. */
        AgentflowChatTombstoned: {
            headers: {
                "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
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
        /** @description The body is over 1 MiB. */
        AgentflowChatTooLarge: {
            headers: {
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
        /** @description There is no key or session, or it is not known, or no longer. */
        AgentflowChatUnauthorized: {
            headers: {
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
    };
    parameters: {
        /**
         * @description Lets the request be repeated without repeating its effect.
         * @example 5f0f4ad1-9c2e-4a5b-8f5d-3a0d2c1b7e66
         */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: {
        /** @description On a stream, tells proxies not to hold it back. */
        AgentflowAccelBuffering: "no";
        /** @description What was available before this turn. */
        AgentflowBalance: components["schemas"]["AgentflowAmount"];
        /** @description On a stream, that nobody keeps or changes it on its way. */
        AgentflowCacheControl: string;
        /** @description What is held for this turn until it is charged. */
        AgentflowPrecharge: components["schemas"]["AgentflowAmount"];
        /**
         * @description Whose pages may read the answer, on a route that pages may call. Missing if not the one that asks.
         * @example *
         */
        AllowOrigin: string;
        /**
         * @description Which of the headers such a page may read.
         * @example X-Request-Id, Retry-After
         */
        ExposeHeaders: string;
        /** @description This is the answer to an earlier request with the same Idempotency-Key. */
        Replayed: "true";
        /**
         * @description Names the request in the log.
         * @example 0d8f9f5e-6d5c-4a1b-9a5e-0c9f2f3f1a77
         */
        RequestId: string;
        /**
         * @description Seconds to wait before trying again.
         * @example 60
         */
        RetryAfter: number;
        /**
         * @description Seconds until the request that has the same Idempotency-Key may be done.
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
                 * @description Lets the request be repeated without repeating its effect.
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
                "application/json": components["schemas"]["AgentflowChat"];
            };
        };
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    "Access-Control-Allow-Origin": components["headers"]["AllowOrigin"];
                    "Access-Control-Expose-Headers": components["headers"]["ExposeHeaders"];
                    "Cache-Control": components["headers"]["AgentflowCacheControl"];
                    "Idempotency-Replayed": components["headers"]["Replayed"];
                    Vary: components["headers"]["Vary"];
                    "X-Accel-Buffering": components["headers"]["AgentflowAccelBuffering"];
                    "x-flow-balance": components["headers"]["AgentflowBalance"];
                    "x-flow-precharge": components["headers"]["AgentflowPrecharge"];
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentflowAnswer"];
                    "text/event-stream": components["schemas"]["AgentflowEvent"];
                };
            };
            400: components["responses"]["AgentflowChatInvalid"];
            401: components["responses"]["AgentflowChatUnauthorized"];
            402: components["responses"]["AgentflowChatInsufficientFlow"];
            403: components["responses"]["AgentflowChatForbidden"];
            404: components["responses"]["AgentflowChatNotFound"];
            409: components["responses"]["AgentflowChatConflict"];
            410: components["responses"]["AgentflowChatTombstoned"];
            413: components["responses"]["AgentflowChatTooLarge"];
            429: components["responses"]["AgentflowChatRateLimited"];
            500: components["responses"]["AgentflowChatInternalError"];
            502: components["responses"]["AgentflowChatRedeployFailed"];
            503: components["responses"]["AgentflowChatModelUnavailable"];
        };
    };
}
