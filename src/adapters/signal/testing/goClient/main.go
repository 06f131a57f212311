// Makes pages.jsonl: what a service in Go shows at three moments, in protobuf and as text, and the values it had observed since the
// moment before. To make it anew: go mod init pages && go get github.com/prometheus/client_golang@v1.20.5 && go run . > pages.jsonl
package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type moment struct {
	Values   map[string][]float64 `json:"values"`
	Protobuf string               `json:"protobuf"`
	Text     string               `json:"text"`
}

func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

func main() {
	reg := prometheus.NewRegistry()
	latency := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "latency_seconds", Help: "native and classic \"both\"",
		NativeHistogramBucketFactor: 1.1, Buckets: []float64{0.005, 0.01, 0.05, 0.1, 0.5, 1, 5}}, []string{"path"})
	change := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "change", Help: "both signs", NativeHistogramBucketFactor: 1.3,
		NativeHistogramZeroThreshold: 0.001})
	idle := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "idle_seconds", Help: "never observed", NativeHistogramBucketFactor: 1.1})
	fine := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "fine", Help: "the finest schema", NativeHistogramBucketFactor: 1.0025})
	size := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "size_bytes", Help: "classic", Buckets: prometheus.ExponentialBuckets(1000, 10, 6)})
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", Help: "x"}, []string{"code"})
	open := prometheus.NewGauge(prometheus.GaugeOpts{Name: "open", Help: "x"})
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "wait_seconds", Help: "x", Objectives: map[float64]float64{0.5: 0.05, 0.99: 0.001}})
	reg.MustRegister(latency, change, idle, fine, size, requests, open, summary)
	h := promhttp.HandlerFor(reg, promhttp.HandlerOpts{DisableCompression: true})
	get := func(accept string) []byte {
		req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		req.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		b, _ := io.ReadAll(w.Body)
		return b
	}
	r := rand.New(rand.NewSource(4))
	all := map[string][]float64{}
	var moments []moment
	for i := 0; i < 3; i++ {
		for n := 0; n < 150*(i+1); n++ {
			a := round(math.Exp(r.NormFloat64()*1.2 - 3))
			b := round(math.Exp(r.NormFloat64()*0.5 - 1 + float64(i)*0.4))
			c := round(r.NormFloat64() * 0.01 * math.Exp(r.NormFloat64()))
			d := round(1 + r.Float64()*99)
			e := math.Round(math.Exp(r.NormFloat64()*2 + 11))
			latency.WithLabelValues("/").Observe(a)
			latency.WithLabelValues("/pay").Observe(b)
			change.Observe(c)
			fine.Observe(d)
			size.Observe(e)
			summary.Observe(a)
			requests.WithLabelValues("200").Inc()
			all["latency /"] = append(all["latency /"], a)
			all["latency /pay"] = append(all["latency /pay"], b)
			all["change"] = append(all["change"], c)
			all["fine"] = append(all["fine"], d)
			all["size"] = append(all["size"], e)
		}
		change.Observe(0)
		all["change"] = append(all["change"], 0)
		requests.WithLabelValues("500").Add(1234567)
		open.Set(float64(i) - 0.5)
		copyOf := map[string][]float64{}
		for k, v := range all {
			copyOf[k] = append([]float64{}, v...)
		}
		moments = append(moments, moment{copyOf,
			base64.StdEncoding.EncodeToString(get("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")),
			strings.ReplaceAll(string(get("text/plain;version=0.0.4")), "\r", "")})
	}
	last := map[string]int{}
	for i := range moments {
		for k, v := range moments[i].Values {
			n := len(v)
			moments[i].Values[k] = v[last[k]:]
			last[k] = n
		}
	}
	for _, each := range moments {
		out, _ := json.Marshal(each)
		os.Stdout.Write(append(out, '\n'))
	}
}
