package program

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"secretome/internal/embedded"
	"secretome/internal/fault"
	"secretome/workflows"
)

// retention is how long Temporal keeps closed workflows: longer than any month
// without a worker. Their histories are artifacts by then.
const retention = 400 * 24 * time.Hour

// dial connects to Temporal and makes sure that namespace and search attributes
// exist, which the embedded server has from its start.
func dial(ctx context.Context, at embedded.Addresses, log zerolog.Logger) (client.Client, error) {
	c, err := client.NewLazyClient(client.Options{
		HostPort: at.Temporal, Namespace: at.Namespace, Logger: sdkLogger{log},
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}}, // payloads are small, the server near
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%q is no address of a Temporal server", at.Temporal)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := prepare(ctx, c, at.Namespace); err != nil {
		c.Close()
		return nil, fault.Wrap(err, fault.Unavailable, "the Temporal server at %s does not answer", at.Temporal)
	}
	return c, nil
}

func prepare(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	if _, missing := errors.AsType[*serviceerror.NamespaceNotFound](err); missing {
		_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
		})
	}
	if err != nil {
		return err
	}
	return attributes(ctx, c, namespace)
}

// attributes adds the search attributes that the namespace lacks and waits
// until the server takes them.
func attributes(ctx context.Context, c client.Client, namespace string) error {
	wanted := map[string]enums.IndexedValueType{
		workflows.AttributeRun: enums.INDEXED_VALUE_TYPE_KEYWORD, workflows.AttributeState: enums.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.AttributeRole: enums.INDEXED_VALUE_TYPE_KEYWORD, workflows.AttributeDue: enums.INDEXED_VALUE_TYPE_DATETIME,
	}
	probe := &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: namespace,
		Query:     workflows.AttributeRun + " IS NOT NULL OR " + workflows.AttributeState + " IS NOT NULL OR " + workflows.AttributeRole + " IS NOT NULL OR " + workflows.AttributeDue + " IS NOT NULL",
	}
	if _, err := c.WorkflowService().CountWorkflowExecutions(ctx, probe); err == nil {
		return nil
	}
	for first := true; ; first = false {
		have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
		if err == nil {
			for name := range have.GetCustomAttributes() {
				delete(wanted, name)
			}
			if len(wanted) > 0 && first {
				_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: wanted})
			}
		}
		if err == nil {
			if _, err = c.WorkflowService().CountWorkflowExecutions(ctx, probe); err == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond): // a new namespace is known to all services after seconds
		}
	}
}

// sdkLogger hands the SDK's warnings and errors to our log.
type sdkLogger struct{ log zerolog.Logger }

var _ sdklog.Logger = sdkLogger{}

func (l sdkLogger) Debug(string, ...any)            {}
func (l sdkLogger) Info(string, ...any)             {}
func (l sdkLogger) Warn(msg string, keyvals ...any) { l.log.Warn().Fields(keyvals).Msg(msg) }

// Error logs what the SDK calls an error, but for errors of activities: those
// are answers, given and shown where the workflow takes them.
func (l sdkLogger) Error(msg string, keyvals ...any) {
	level := zerolog.ErrorLevel
	if msg == "Activity error." {
		level = zerolog.InfoLevel
	}
	l.log.WithLevel(level).Fields(keyvals).Msg(msg)
}
