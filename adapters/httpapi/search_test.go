package httpapi_test

import (
	"net/url"
	"testing"
)

// The document lets a search through that is one character, and the phone number is read in the account's country.
func TestClientsAreSearchedByAnyPart(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	for name, phone := range map[string]string{
		"Grace Lee": "+16045550101", "3M Clinic": "", "Jose\u0301 Pen\u0303a": "", "Nguyễn Văn An": "", "李 伟": "",
		"Anna Brandt": "0151 23456780",
	} {
		body := object{"name": name}
		if phone != "" {
			body["phone"] = phone
		}
		w.must(201, acc.staff, "POST", acc.path+"/clients", body)
	}
	for search, name := range map[string]string{
		"+16045550101": "Grace Lee", "604 555 0101": "Grace Lee", "(604) 555-0101": "Grace Lee", "0101": "Grace Lee",
		"3M": "3M Clinic", "pena": "José Peña", "Pen\u0303a": "José Peña", "nguyen": "Nguyễn Văn An", "李": "李 伟",
		"randt": "Anna Brandt", "0151 23456780": "Anna Brandt", "+49 (0)151/23456780": "Anna Brandt", "6780": "Anna Brandt",
	} {
		found := w.must(200, acc.staff, "GET", acc.path+"/clients?q="+url.QueryEscape(search), nil).items()
		if len(found) != 1 || found[0]["name"] != name {
			t.Errorf("%q finds %v, want %s", search, found, name)
		}
	}
}
