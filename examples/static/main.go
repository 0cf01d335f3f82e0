// A web service that is one static file: a page, a health check, and an orderly
// end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	probe := flag.Bool("probe", false, "ask a running service for its health")
	flag.Parse()
	address := net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT"))
	run := serve
	if *probe {
		run = check
	}
	if err := run(address); err != nil {
		log.Fatal(err)
	}
}

func serve(address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "Hello from %s, process %d\n", runtime.Version(), os.Getpid())
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 5 * time.Second}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	closed := make(chan error, 1)
	go func() {
		<-ctx.Done()
		log.Print("closing")
		closed <- server.Shutdown(context.Background())
	}()

	log.Printf("listening on %s", address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

func check(address string) error {
	response, err := http.Get("http://" + address + "/healthz")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}
