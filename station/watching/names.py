"""The names of all metrics: a contract that dashboards and alerts are written against."""

from dataclasses import dataclass
from typing import Final

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"
FAST: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""Ends of buckets for what should take milliseconds."""
LONG: Final = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0, 259200.0)
"""Ends of buckets for runs, from seconds to three days."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `alert` is when a person should be called, in PromQL; empty where that alone says nothing."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()
    alert: str = ""
    buckets: tuple[float, ...] = ()

    @property
    def unit(self) -> str:
        """What its value is in, by its name."""
        bare = self.name.removesuffix("_total")
        return next((each for each in ("seconds", "bytes", "ratio") if bare.endswith(f"_{each}")), "")


METRICS: Final = tuple(
    Metric(f"rackproof_{name}", *facts)
    for name, *facts in (
        ("info", GAUGE, "always 1; its labels say which station this is, and which program", ("station", "site", "version", "simulated"), "absent(rackproof_info)"),
        ("runs_total", COUNTER, "runs that have ended", ("slot", "sequence", "verdict"), 'increase(rackproof_runs_total{verdict=~"ERROR|INTERRUPTED"}[1h]) > 3'),
        ("run_seconds", HISTOGRAM, "how long a run took, in the line's time", ("sequence",), "", LONG),
        ("steps_erred_total", COUNTER, "attempts of steps in which the station could not judge", ("slot", "sequence"), "increase(rackproof_steps_erred_total[1h]) > 10"),
        ("samples_total", COUNTER, "samples of waveforms that were recorded", ("slot",)),
        ("sample_lateness_seconds", HISTOGRAM, "how late a sample was against its own cadence; told when its chunk of 512 is recorded", (), "histogram_quantile(0.99, sum by (le) (rate(rackproof_sample_lateness_seconds_bucket[15m]))) > 0.02", FAST),
        ("sample_gaps_total", COUNTER, "places at which a cadence left out a turn or more", ("slot",), "increase(rackproof_sample_gaps_total[15m]) > 0"),
        ("make_safe_seconds", HISTOGRAM, "how long making safe took", (), "", FAST),
        ("not_safe_total", COUNTER, "runs at whose end something was not confirmed safe", ("slot",), "increase(rackproof_not_safe_total[5m]) > 0"),
        ("tickets_total", COUNTER, "tickets that came to a stage", ("source", "stage"), 'increase(rackproof_tickets_total{stage="refused"}[15m]) > 10'),
        ("refused_total", COUNTER, "commands and requests that were refused, by the way in and a word for the reason", ("source", "reason"), "increase(rackproof_refused_total[5m]) > 20"),
        ("api_requests_total", COUNTER, "answers of the API", ("code",), 'increase(rackproof_api_requests_total{code=~"5.."}[5m]) > 0'),
        ("queue_depth", GAUGE, "tickets that wait", (), "rackproof_queue_depth > 9000"),
        ("running", GAUGE, "tickets that are being tested"),
        ("slots", GAUGE, "slots in a mode", ("mode",), 'rackproof_slots{mode="locked"} > 0'),
        ("line_mode", GAUGE, "1 for the mode in which the line is", ("mode",), 'rackproof_line_mode{mode="serving"} == 0'),
        ("condition_level", GAUGE, "how bad a condition is: 0 well, 1 a warning, 2 an alarm", ("name",), "rackproof_condition_level == 2"),
        ("ledger_commit_seconds", HISTOGRAM, "how long the ledger waited for the disk at a commit", (), "histogram_quantile(0.99, rate(rackproof_ledger_commit_seconds_bucket[5m])) > 1", FAST),
        ("ledger_wal_bytes", GAUGE, "the ledger's write-ahead log", (), "rackproof_ledger_wal_bytes > 67108864"),
        ("data_bytes", GAUGE, "what the data folder holds, without the ledger's free pages"),
        ("data_most_bytes", GAUGE, "what it may hold", (), "rackproof_data_bytes / rackproof_data_most_bytes > 0.8"),
        ("thinned_total", COUNTER, "events that the disk budget has given up", ("part",), 'increase(rackproof_thinned_total{part="audit"}[1h]) > 0'),
        ("disk_free_bytes", GAUGE, "what is free on the disk of the data folder", (), "rackproof_disk_free_bytes < 268435456"),
        ("outbox_depth", GAUGE, "results that nobody has acknowledged yet", (), "rackproof_outbox_depth > 1000"),
        ("outbox_age_seconds", GAUGE, "how long the oldest of them waits", (), "rackproof_outbox_age_seconds > 3600"),
        ("broker_connected", GAUGE, "1 while the broker is there", (), "rackproof_broker_connected == 0"),
        ("guardian_armed", GAUGE, "slots that the guardian would make safe now"),
        ("guardian_alive", GAUGE, "1 while the guardian answers", (), "rackproof_guardian_alive == 0"),
        ("watchdog_age_seconds", GAUGE, "how long ago the watchdog was fed", (), "rackproof_watchdog_age_seconds > 10"),
        ("log_lines_lost_total", COUNTER, "lines of the log that are nowhere: `dropped` by the disk, `held back` as repetitions", ("why",), 'increase(rackproof_log_lines_lost_total{why="dropped"}[5m]) > 0'),
        ("news_missed_total", COUNTER, "times at which these metrics fell behind the news, and counted too little", (), "increase(rackproof_news_missed_total[1h]) > 0"),
        ("loop_lag_seconds", HISTOGRAM, "how late the event loop was, looked at twice a second", (), "histogram_quantile(0.99, rate(rackproof_loop_lag_seconds_bucket[5m])) > 0.1", FAST),
        ("memory_bytes", GAUGE, "resident memory of the daemon", (), "delta(rackproof_memory_bytes[24h]) > 20971520"),
        ("open_files", GAUGE, "open file descriptors of the daemon", (), "delta(rackproof_open_files[24h]) > 50"),
        ("tasks", GAUGE, "tasks of the event loop", (), "delta(rackproof_tasks[24h]) > 50"),
        ("threads", GAUGE, "threads of the daemon", (), "delta(rackproof_threads[24h]) > 10"),
    )
)  # fmt: skip
"""Every metric; of what a station does not have (a broker, an outbox) there is none."""
