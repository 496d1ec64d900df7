# One image with both programs: `dialer` (the default) and `dialer-worker`.

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --profile dist --locked -p dialer -p workers --bin dialer --bin dialer-worker

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /data dialer
COPY --from=build /src/target/dist/dialer /src/target/dist/dialer-worker /usr/local/bin/
USER dialer
# Where a SQLite database is made where no other is named.
WORKDIR /data
ENV BIND_ADDR=0.0.0.0:3000 WORKER_BIND_ADDR=0.0.0.0:9090
EXPOSE 3000 9090
CMD ["dialer", "serve"]
