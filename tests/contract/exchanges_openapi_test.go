package contract_test

import "slices"

var health = slices.Concat(
	of("health-get", exchange{method: get, path: "/health", key: "none", status: 200}),
	of("readiness-get", exchange{method: get, path: "/health/ready", key: "none", status: 200}),
)

var openapi = of("openapi-get",
	exchange{method: get, path: "/openapi.json", key: "none", status: 200},
	exchange{method: get, path: "/openapi.json?x=%00", key: "fj_live_nothing", status: 200},
)
