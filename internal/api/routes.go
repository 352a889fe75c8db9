package api

import (
	"net/http"
	"strings"

	"secretome/internal/account"
	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// prefix is what the paths of all routes begin with.
const prefix = "/api/v1"

// handler answers one request of a person.
type handler func(w http.ResponseWriter, r *http.Request, who record.Actor) error

// route is one address of the API that asks for a token.
type route struct {
	method string
	path   string        // behind the prefix, as net/http's patterns have it
	query  []string      // the parameters that it takes
	does   []lab.Command // what can be commanded there; questions only look
	serve  handler
}

// look is what every question does.
func look() []lab.Command { return []lab.Command{lab.Look} }

// routes lists every address that asks for a token.
func (a *api) routes() []route {
	paged := []string{"limit", "cursor"}
	with := func(names ...string) []string { return append(names, paged...) }
	return append(a.uploadRoutes(), []route{
		{http.MethodGet, "/me", nil, look(), a.me},
		{http.MethodGet, "/runs", paged, look(), a.runs},
		{http.MethodPost, "/runs", nil, []lab.Command{lab.Launch}, a.launch},
		{http.MethodGet, "/runs/{run}", nil, look(), a.run},
		{http.MethodGet, "/runs/{run}/records", with("after", "kind"), look(), a.records},
		{http.MethodGet, "/runs/{run}/records/{number}", nil, look(), a.record},
		{http.MethodPost, "/runs/{run}/records/{number}/notes", nil, []lab.Command{lab.PinNote}, a.note},
		{http.MethodGet, "/runs/{run}/history", []string{"at"}, look(), a.history},
		{http.MethodGet, "/runs/{run}/departures", nil, look(), a.departures},
		{http.MethodGet, "/runs/{run}/results", nil, look(), a.results},
		{http.MethodGet, "/runs/{run}/compare/{other}", nil, look(), a.compare},
		{http.MethodGet, "/runs/{run}/signature", nil, look(), a.toSign},
		{http.MethodPost, "/runs/{run}/signature", nil, []lab.Command{lab.ToTask(task.Complete)}, a.sign},
		{http.MethodGet, "/runs/{run}/report", nil, look(), a.report},
		{http.MethodGet, "/runs/{run}/export", nil, []lab.Command{lab.Export}, a.export},
		{http.MethodGet, "/runs/{run}/plates", nil, look(), a.plates},
		{http.MethodPost, "/runs/{run}/control", nil, toRuns(), a.control},
		{http.MethodGet, "/lots", with("kind"), look(), a.lots},
		{http.MethodGet, "/lots/{barcode}", nil, look(), a.lot},
		{http.MethodPost, "/lots/{barcode}", nil, toLots(), a.actOnLot},
		{http.MethodPost, "/lots/{barcode}/recall", nil, []lab.Command{lab.Recall}, a.recall},
		{http.MethodGet, "/lots/{barcode}/custody", nil, look(), a.custody},
		{http.MethodGet, "/places", nil, look(), a.places},
		{http.MethodGet, "/places/{place}", nil, look(), a.place},
		{http.MethodPost, "/places/{place}", nil, []lab.Command{lab.LogPlace}, a.logPlace},
		{http.MethodPost, "/keys/{task...}", nil, []lab.Command{lab.ReadKey}, a.readKey},
		{http.MethodGet, "/tasks", with("run", "role", "state", "mine"), look(), a.tasks},
		{http.MethodGet, "/tasks/{task...}", nil, look(), a.task},
		{http.MethodPost, "/tasks/{task...}", nil, toTasks(), a.act},
		{http.MethodPost, "/decisions/{task...}", nil, []lab.Command{lab.Decide}, a.decide},
		{http.MethodGet, "/artifacts", with("run"), look(), a.artifacts},
		{http.MethodPost, "/artifacts", []string{"name", "sha256"}, []lab.Command{lab.Upload}, a.upload},
		{http.MethodPost, "/artifacts/verify", nil, []lab.Command{lab.VerifyArtifacts}, a.verify},
		{http.MethodGet, "/artifacts/{sha256}", nil, look(), a.artifact},
		{http.MethodGet, "/lineage/{hash}", []string{"down"}, look(), a.lineage},
		{http.MethodGet, "/people", nil, []lab.Command{lab.ListPeople}, a.people},
		{http.MethodPost, "/people", nil, []lab.Command{lab.AddPerson}, a.addPerson},
		{http.MethodPost, "/people/{name}", nil, []lab.Command{lab.DisablePerson, lab.EnablePerson, lab.ResetPerson, lab.ChangeRole, lab.GiveBadge, lab.TakeBadge}, a.actOnPerson},
		{http.MethodGet, "/people/{name}/tokens", nil, []lab.Command{lab.ListTokens}, a.tokens},
		{http.MethodPost, "/people/{name}/tokens", nil, []lab.Command{lab.MakeToken}, a.newToken},
		{http.MethodPost, "/people/{name}/tokens/{id}/revoke", nil, []lab.Command{lab.RevokeToken}, a.revokeToken},
	}...)
}

func toTasks() (all []lab.Command) {
	for _, v := range task.Verbs() {
		all = append(all, lab.ToTask(v))
	}
	return all
}

func toRuns() (all []lab.Command) {
	for _, v := range run.Verbs() {
		all = append(all, lab.ToRun(v))
	}
	return all
}

func toLots() (all []lab.Command) {
	for _, v := range sample.LotVerbs() {
		all = append(all, lab.ToLot(v.Kind))
	}
	return all
}

// open lists the addresses that need no token.
func (a *api) open() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + prefix + "/health":       a.health,
		"POST " + prefix + "/password":    a.setPassword,
		"GET " + prefix + "/openapi.json": a.document,
		"GET /api":                        a.page,
		"GET /api/{$}":                    a.without,
		"GET /api/style.css":              a.style,
	}
}

// needed returns the scope that a token needs for a request: questions are read,
// commands act, and what is done to accounts and tokens takes all.
func needed(rt route) account.Scope {
	switch {
	case rt.method == http.MethodGet || rt.method == http.MethodHead:
		return account.Read
	case strings.HasPrefix(rt.path, "/people"):
		return account.All
	}
	return account.Act
}
