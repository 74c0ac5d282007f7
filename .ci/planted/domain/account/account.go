// Package account is planted as an aggregate that reads the disk.
package account

//want:depguard
import "os"

// Settings must not come from a file.
func Settings() ([]byte, error) { return os.ReadFile("settings.json") }
