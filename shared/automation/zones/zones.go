// Package zones links the time zones of the IANA database into a program. The Lambda runtime has
// none. They take half a megabyte, so only functions that read schedules import the package.
package zones

import _ "time/tzdata" // for time.LoadLocation
