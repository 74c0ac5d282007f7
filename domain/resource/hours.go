package resource

import "github.com/clickbook/clickbook/domain"

const maxHours = 200 // entries in the weekly hours

// NewWeeklyHours returns the command from text. The zone must be of the IANA list.
func NewWeeklyHours(id domain.ResourceID, zone string, hours []Hours) (SetWeeklyHours, error) {
	if _, err := domain.ParseZone(zone); err != nil {
		return SetWeeklyHours{}, err
	}
	return SetWeeklyHours{Resource: id, Zone: zone, Hours: hours}, checkHours(hours)
}

// Minutes returns From and To in minutes of local time since the midnight that begins the day: 22:00 to 26:00 is 1320
// to 1560.
func (h Hours) Minutes() (from, to int, err error) {
	from, okFrom := clock(h.From)
	to, okTo := clock(h.To)
	switch {
	case !okFrom || from >= 24*60:
		return 0, 0, refuse(ErrHours, "%q is not a time of day; write it from 00:00 to 23:59", h.From)
	case !okTo:
		return 0, 0, refuse(ErrHours, "%q is not a time; write it from 00:01 to 48:00", h.To)
	case to <= from:
		return 0, 0, refuse(ErrHours, "the hours end at %s, not after they start at %s; hours that run past midnight "+
			"are written past 24:00, as in 22:00 to 26:00", h.To, h.From)
	}
	return from, to, nil
}

// clock parses "HH:MM" up to "48:00" as minutes.
func clock(text string) (minutes int, ok bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	for _, at := range []int{0, 1, 3, 4} {
		if text[at] < '0' || text[at] > '9' {
			return 0, false
		}
	}
	hour, minute := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
	minutes = hour*60 + minute
	return minutes, minute < 60 && minutes <= 48*60
}

func checkHours(hours []Hours) error {
	if len(hours) > maxHours {
		return refuse(ErrHours, "weekly hours have at most %d entries; join some", maxHours)
	}
	for _, h := range hours {
		if _, _, err := h.Minutes(); err != nil {
			return err
		}
		if len(h.Days) == 0 {
			return refuse(ErrHours, "the hours from %s to %s name no day; write 0 for Sunday to 6 for Saturday", h.From, h.To)
		}
		var seen [7]bool
		for _, day := range h.Days {
			switch {
			case day < 0 || day > 6:
				return refuse(ErrHours, "%d is not a weekday; write 0 for Sunday to 6 for Saturday", day)
			case seen[day]:
				return refuse(ErrHours, "day %d is listed twice from %s to %s; write it once", day, h.From, h.To)
			}
			seen[day] = true
		}
	}
	return nil
}
