package temporal

import (
	"net"
	"net/url"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
)

const (
	loopback    = "127.0.0.1"
	clusterName = "active"
	storeName   = "sqlite"

	// retention is how long the server keeps a closed workflow; it counts from
	// the workflow's own close. Long enough that a month without a worker costs
	// nothing before histories are exported.
	retention = 400 * 24 * time.Hour

	// pollRate lifts the rate at which the history service's queues are read.
	// The default of 20 a second and shard adds 40 ms to every workflow task
	// after the first few, when there is but one shard.
	pollRate = 5000
)

// searchAttributes are what operators can find this program's workflows by.
func searchAttributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		"SecretomeRun":   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"SecretomeState": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"SecretomeRole":  enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"SecretomeDue":   enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
}

// settings are the server's dynamic settings that differ from its defaults.
func settings() map[dynamicconfig.Key]any {
	return map[dynamicconfig.Key]any{
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():           1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key():          1,
		dynamicconfig.TransferProcessorMaxPollRPS.Key():                  pollRate,
		dynamicconfig.TransferProcessorMaxPollHostRPS.Key():              pollRate,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():                     pollRate,
		dynamicconfig.TimerProcessorMaxPollHostRPS.Key():                 pollRate,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key():                pollRate,
		dynamicconfig.VisibilityProcessorMaxPollHostRPS.Key():            pollRate,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 1000, // the default of 10 throttles one person's lists
		// One host has one clock, so timers need no second of safety: at the default
		// every timer takes at least that long.
		dynamicconfig.TimerProcessorMaxTimeShift.Key(): 10 * time.Millisecond,
		dynamicconfig.EnableServerVersionCheck.Key():   false, // it would call its makers
	}
}

// store describes the SQLite file as the server's plugin wants it. The path is
// escaped because the plugin makes a URI of it.
func store(file string) *config.SQL {
	return &config.SQL{
		PluginName: sqlite.PluginName, DatabaseName: escaped(file), MaxConns: 1, MaxIdleConns: 1,
		ConnectAttributes: map[string]string{"mode": "rwc", "journal_mode": "wal", "synchronous": "FULL", "busy_timeout": "10000"},
	}
}

func escaped(file string) string { return (&url.URL{Path: file}).EscapedPath() }

func configuration(file string, p Ports) *config.Config {
	service := func(port int) config.Service {
		return config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return &config.Config{
		Global: config.Global{Membership: config.Membership{MaxJoinDuration: startTimeout, BroadcastAddress: loopback}},
		Persistence: config.Persistence{
			DefaultStore: storeName, VisibilityStore: storeName, NumHistoryShards: 1,
			DataStores: map[string]config.DataStore{storeName: {SQL: store(file)}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: host(p.Frontend)},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			"frontend": service(p.Frontend), "history": service(p.History), "matching": service(p.Matching), "worker": service(p.Worker),
		},
		Archival: config.Archival{History: config.HistoryArchival{State: "disabled"}, Visibility: config.VisibilityArchival{State: "disabled"}},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
		PublicClient: config.PublicClient{HostPort: host(p.Frontend)},
	}
}

// hosts names the one host of each service, which spares the server its ring of
// members and four more ports.
func hosts(p Ports) map[primitives.ServiceName]static.Hosts {
	return map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: static.SingleLocalHost(host(p.Frontend)),
		primitives.HistoryService:  static.SingleLocalHost(host(p.History)),
		primitives.MatchingService: static.SingleLocalHost(host(p.Matching)),
		primitives.WorkerService:   static.SingleLocalHost(host(p.Worker)),
	}
}

func host(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }
