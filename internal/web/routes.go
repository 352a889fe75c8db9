package web

import (
	"slices"

	"secretome/internal/lab"
)

// routes lists every page and form. Each part of the desk has its own list.
func (w *Web) routes() []route {
	return slices.Concat(entryRoutes(), setUpRoutes(), peopleRoutes(), runRoutes(), launchRoutes(), taskRoutes(), reviewRoutes(), artifactRoutes(), uploadRoutes(), resultRoutes(), lotRoutes(), labelRoutes(), placeRoutes(), protocolRoutes(), printRoutes(), liveRoutes(), searchRoutes(), settingsRoutes())
}

func entryRoutes() []route {
	return []route{
		{"GET /login", "", signInForm},
		{"POST /login", "", signIn},
		{"POST /logout", "", signOut},
		{"POST /theme", "", setTheme},
		{"GET /{$}", lab.Look, home},
	}
}
