package s3

import (
	"net/http"
	"net/url"
	"os"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/s3err"
)

// guard returns a middleware that stands before every request. It answers 503
// when the working directory is not home any more, since the library would then
// write acknowledged objects somewhere else, and 403 to whoever reaches for the
// staging area, by path or as the source of a copy.
func guard(home os.FileInfo) fiber.Handler {
	return func(c fiber.Ctx) error {
		if here, err := os.Stat("."); err != nil || !os.SameFile(here, home) {
			return refuse(c, s3err.APIError{
				Code: "ServiceUnavailable", HTTPStatusCode: http.StatusServiceUnavailable,
				Description: "The working directory of the process was changed; nothing can be stored until it is restarted.",
			})
		}
		if reaches(string(c.Request().URI().PathOriginal())) || reaches(c.Get("X-Amz-Copy-Source")) {
			return refuse(c, s3err.GetAPIError(s3err.ErrAccessDenied))
		}
		return c.Next()
	}
}

// reaches reports whether a path, as sent, leads into the staging area.
func reaches(path string) bool {
	decoded, err := url.PathUnescape(path)
	return reserved(path) || err == nil && reserved(decoded)
}

func refuse(c fiber.Ctx, e s3err.APIError) error {
	c.Response().Header.SetContentType(fiber.MIMEApplicationXML)
	return c.Status(e.HTTPStatusCode).Send(e.XMLBody("", ""))
}
