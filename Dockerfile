# Three images: `backend` (the default: the server, 8000), `demo` (the demo database), `build` (for development).
# Every step is a script that CI runs on a plain machine; see docs/container.md.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY scripts/bootstrap scripts/packages scripts/
RUN apt-get update && scripts/bootstrap --yes --only build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN scripts/web build \
	&& scripts/configure build \
	&& ninja -C build sqlopt

FROM debian:bookworm-slim AS demo
WORKDIR /srv/sqlopt
COPY scripts/bootstrap scripts/packages scripts/register_demo.py scripts/
RUN apt-get update && scripts/bootstrap --yes --only demo && rm -rf /var/lib/apt/lists/*
COPY demo demo
RUN install -d -m 0700 -o postgres -g postgres /var/lib/demo
ENV DEMO_DIR=/var/lib/demo DEMO_PORT=5432 DEMO_LISTEN=* DEMO_HOST=demo
VOLUME /var/lib/demo
USER postgres
EXPOSE 5432
HEALTHCHECK --interval=5s --timeout=5s --start-period=180s --retries=3 \
	CMD demo/demo status | grep -q "loaded: [0-9]"
CMD ["demo/demo", "serve"]

FROM debian:bookworm-slim AS backend
WORKDIR /srv/sqlopt
COPY scripts/bootstrap scripts/packages scripts/
RUN apt-get update && scripts/bootstrap --yes --only runtime && rm -rf /var/lib/apt/lists/* scripts \
	&& useradd --system --home-dir /var/lib/sqlopt --shell /usr/sbin/nologin sqlopt \
	&& install -d -m 0700 -o sqlopt -g sqlopt /var/lib/sqlopt
COPY --from=build /src/build/sqlopt /usr/local/bin/sqlopt
# Inside the container the server has to listen on all addresses; publish the port on the host's loopback only.
ENV BACKEND_HOST=0.0.0.0 BACKEND_PORT=8000 DATABASE_URL=sqlite:////var/lib/sqlopt/sqlopt.db
VOLUME /var/lib/sqlopt
WORKDIR /var/lib/sqlopt
USER sqlopt
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
	CMD curl -fsS -o /dev/null http://127.0.0.1:8000/health
ENTRYPOINT ["sqlopt"]
CMD ["serve", "--allow-remote-without-login"]
