// Package loopback tells this machine from others, where secrets may only go unencrypted to this one.
package loopback

import "net"

// Is reports whether a host of a URL, without its port, is this machine itself.
func Is(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}
