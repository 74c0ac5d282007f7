package httpapi_test

import "testing"

// Every client with the number is shown as opted out, whichever of them opted out, and also after that one was erased.
func TestOptOutIsShownForEveryClientWithTheNumber(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	register := func(name, phone string) string {
		return w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": name, "phone": phone}).text("id")
	}
	mother, child := register("Mia Mutter", "0151 23456780"), register("Kim Kind", "+49 (0)151/234567-80")
	other := register("Otto Other", "0151 23456781")
	check := func(when string, want map[string]bool) {
		t.Helper()
		for id, optedOut := range want {
			if got := w.must(200, acc.staff, "GET", acc.path+"/clients/"+id, nil).body["sms_opted_out"]; got != optedOut {
				t.Errorf("%s: client %s is shown as opted out: %v", when, id, got)
			}
		}
		for _, listed := range w.must(200, acc.staff, "GET", acc.path+"/clients", nil).items() {
			if want, ok := want[listed["id"].(string)]; ok && listed["sms_opted_out"] != want {
				t.Errorf("%s: %v is listed as opted out: %v", when, listed["name"], listed["sms_opted_out"])
			}
		}
	}
	w.must(200, acc.staff, "POST", acc.path+"/clients/"+mother+"/opt-out", nil)
	check("opted out", map[string]bool{mother: true, child: true, other: false})
	w.must(200, acc.owner, "POST", acc.path+"/clients/"+mother+"/erase", nil)
	late := register("Late Kind", "0049 151 23456780")
	check("mother erased", map[string]bool{mother: true, child: true, late: true})
	w.must(200, acc.staff, "POST", acc.path+"/clients/"+child+"/opt-in", nil)
	check("child opted in", map[string]bool{child: false, late: false})
	w.refused(404, "client_unknown", acc.staff, "POST", acc.path+"/clients/"+acc.service+"/opt-out", nil)
}
