package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// sign is the signature of Standard Webhooks.
func sign(key []byte, content string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(content))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
