package sam

import "strings"

// methodSetting is one entry of an API's MethodSettings: a limit of requests. API Gateway
// counts each method of each path separately. The entry for /* and * is the default.
type methodSetting struct {
	Path   string   `yaml:"ResourcePath"` // /~1things~1{id}, or /*
	Method string   `yaml:"HttpMethod"`   // or *
	Rate   *float64 `yaml:"ThrottlingRateLimit"`
	Burst  *float64 `yaml:"ThrottlingBurstLimit"`
}

// names reports whether the entry is for exactly this method.
func (s methodSetting) names(path, method string) bool {
	own := strings.ReplaceAll(strings.TrimPrefix(s.Path, "/"), "~1", "/")
	if s.Path == "/" {
		own = "/"
	}
	return own == path && strings.EqualFold(s.Method, method)
}

func (s methodSetting) forAll() bool { return s.Path == "/*" && s.Method == "*" }

// Throttle returns the rate and burst limits of a method; ok is false if it has none.
func (a *API) Throttle(path, method string) (perSecond, most float64, ok bool) {
	var rate, burst *float64
	// The general setting first, so that the specific one overrides it.
	for _, matches := range []func(methodSetting) bool{
		methodSetting.forAll, func(s methodSetting) bool { return s.names(path, method) },
	} {
		for _, s := range a.Methods {
			if !matches(s) {
				continue
			}
			if s.Rate != nil {
				rate = s.Rate
			}
			if s.Burst != nil {
				burst = s.Burst
			}
		}
	}
	if rate == nil || burst == nil {
		return 0, 0, false
	}
	return *rate, *burst, true
}
