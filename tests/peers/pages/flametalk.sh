#!/usr/bin/env bash
# Flametalk's Agents API with curl: an agent from creation to deletion, on the base
# paths of the page's requests and of its list of endpoints.
source lib.sh
bearer="Authorization: Bearer $KEY"
json='Content-Type: application/json'
status='\n%{http_code} %{content_type}\n'

curl -X GET "$BASE_URL/v1/agents?limit=10" -H "Authorization: Bearer $BOUND_KEY" | pretty >"$work/answer"
shows "a page of agents" <<'END'
{
    "success": true,
    "data": [
        {
            "id": "<agent>",
            "slug": "<slug>",
            "name": "Test Agent",
            "description": null,
            "created_at": "<time>",
            "updated_at": "<time>",
            "deployed_version": {
                "id": "<version>",
                "version_label": "v1.0"
            }
        }
    ],
    "pagination": {
        "total": 1,
        "limit": 10,
        "offset": 0,
        "has_more": false
    }
}
END
curl -X GET "$BASE_URL/api/v1/agents?limit=1&offset=0" -H "$bearer" >"$work/answer"
more() { [[ $(part '["pagination"]') == "{'total': 2, 'limit': 1, 'offset': 0, 'has_more': True}" ]] || { cat "$work/answer"; return 1; }; }
holds "a page with more to come" more

curl -X POST "$BASE_URL/v1/agents" -H "$bearer" -H "$json" -w "$status" -d '{
  "name": "Support Agent",
  "description": "Answers what customers ask",
  "instructions": "You are patient."
}' >"$work/answer"
shows "a new agent" <<'END'
{"success":true,"data":{"id":"<uuid>","slug":"support-agent-<hex>","name":"Support Agent","description":"Answers what customers ask","created_at":"<time>","updated_at":"<time>"}}
201 application/json
END
NEW=$(sed 1q "$work/answer" | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["id"])')

# On the page, versions are deployed by hand; here a request deploys them.
deploy_latest() {
  curl -X GET "$BASE_URL/v1/agents/$NEW" -H "$bearer" >"$work/answer"
  curl -X POST "$BASE_URL/api/v1/agents/$NEW/versions/$(part '["data"]["versions"][0]["id"]')/deploy" -H "$bearer" >"$work/answer"
}
deploy_latest
curl -X PATCH "$BASE_URL/v1/agents/$NEW" -H "$bearer" -H "$json" -d '{"instructions": "You are very patient."}' >"$work/answer"
deploy_latest
curl -X GET "$BASE_URL/v1/agents/$NEW" -H "$bearer" | pretty >"$work/answer"
shows "an agent with its versions" <<'END'
{
    "success": true,
    "data": {
        "id": "<new>",
        "slug": "support-agent-<hex>",
        "name": "Support Agent",
        "description": "Answers what customers ask",
        "created_at": "<time>",
        "updated_at": "<time>",
        "deployed_version": {
            "id": "<version>",
            "version_label": "v1.1",
            "instructions": "You are very patient."
        },
        "versions": [
            {
                "id": "<version>",
                "version_label": "v1.1",
                "deployment_status": "deployed",
                "created_at": "<time>"
            },
            {
                "id": "<version>",
                "version_label": "v1.0",
                "deployment_status": "archived",
                "created_at": "<time>"
            }
        ]
    }
}
END

curl -X PATCH "$BASE_URL/v1/agents/$NEW" -H "$bearer" -H "$json" -w "$status" -d '{
  "name": "Senior Support Agent",
  "description": "Answers what nobody else can"
}' >"$work/answer"
shows "an agent renamed" <<'END'
{"success":true,"data":{"id":"<new>","slug":"support-agent-<hex>","name":"Senior Support Agent","description":"Answers what nobody else can","created_at":"<time>","updated_at":"<time>"}}
200 application/json
END

curl -X DELETE "$BASE_URL/v1/agents/$NEW" -H "$bearer" -w "$status" >"$work/answer"
shows "an agent deleted" <<'END'
{"success":true,"data":{"deleted":true}}
200 application/json
END

curl -X GET "$BASE_URL/v1/agents/$NEW" -H "$bearer" -w "$status" >"$work/answer"
shows "404" <<'END'
{"success":false,"error":{"code":"NOT_FOUND","message":"Agent not found"}}
404 application/json
END
curl -X POST "$BASE_URL/v1/agents" -H "$bearer" -H "$json" -d '{"name": "Nameless"}' -w "$status" >"$work/answer"
shows "400" <<'END'
{"success":false,"error":{"code":"VALIDATION_ERROR","message":"instructions is required and must be a string of 1 to 50000 characters"}}
400 application/json
END
