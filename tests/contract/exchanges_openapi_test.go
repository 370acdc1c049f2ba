package contract_test

var openapi = of("openapi-get",
	exchange{method: get, path: "/openapi.json", key: "none", status: 200},
	exchange{method: get, path: "/openapi.json?x=%00", key: "fj_live_nothing", status: 200},
)
