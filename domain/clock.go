package domain

import "time"

// ParseClock parses a time of the day on the 24-hour clock, from 00:00 to 23:59, and returns it in minutes.
func ParseClock(text string) (min int, err error) {
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, Refusef(Invalid, "clock_malformed", "%q is not a time of the day; write it like 06:30", clip(text))
	}
	return at.Hour()*60 + at.Minute(), nil
}
