package sam

import "testing"

func TestThrottle_MethodSettings(t *testing.T) {
	number := func(n float64) *float64 { return &n }
	a := &API{Methods: []methodSetting{
		{Path: "/~1things~1{id}", Method: "post", Rate: number(1), Burst: number(2)},
		{Path: "/~1things~1{id}", Method: "PUT", Burst: number(3)},
		{Path: "/", Method: "GET", Burst: number(4)},
		{Path: "/*", Method: "*", Rate: number(10), Burst: number(20)},
	}}
	for route, want := range map[[2]string][2]float64{
		{"/things/{id}", "POST"}: {1, 2},
		{"/things/{id}", "PUT"}:  {10, 3},
		{"/things/{id}", "GET"}:  {10, 20},
		{"/things", "POST"}:      {10, 20},
		{"/", "GET"}:             {10, 4},
	} {
		rate, burst, _ := a.Throttle(route[0], route[1])
		if got := [2]float64{rate, burst}; got != want {
			t.Errorf("%v: got rate and burst %v, want %v", route, got, want)
		}
	}
	if rate, _, ok := (&API{}).Throttle("/", "GET"); ok {
		t.Errorf("got a limit of %v without settings, want none", rate)
	}
}
