# hbd in a container: compiled in the first stage, and nothing but the executable in the second.
#
#   docker build --build-arg COMMIT="$(git rev-parse --short=10 HEAD)" -t hbd .
#   docker run -d --name hbd -p 50004:50004 -p 50003:50003/udp -v hbd:/var/lib/heartbeat hbd
#
# Arguments go to hbd: `docker run … hbd -c /etc/hbd.yaml`. See docs/RELEASE.md.

ARG DENO_VERSION=2.9.6

FROM denoland/deno:debian-${DENO_VERSION} AS build
# Set by BuildKit to that of the image: amd64, arm64.
ARG TARGETARCH
# There is no checkout here to ask.
ARG COMMIT=container
WORKDIR /heartbeat
COPY . .
RUN deno task compile --only hbd --commit "${COMMIT}" \
      --target "linux-$(echo "${TARGETARCH:-amd64}" | sed s/amd64/x64/)" \
  && mv dist/hbd-* /usr/local/bin/hbd

FROM debian:13-slim
# What hbd is told to run: "bind9-dnsutils" for names in the DNS, say.
ARG PACKAGES=""
RUN if [ -n "${PACKAGES}" ]; then \
      apt-get update && apt-get install -y --no-install-recommends ${PACKAGES} \
      && rm -rf /var/lib/apt/lists/*; \
    fi \
  && useradd --system --uid 10001 --home-dir /var/lib/heartbeat --create-home \
      --shell /usr/sbin/nologin hbd
COPY --from=build /usr/local/bin/hbd /usr/local/bin/hbd
# The state is where nobody says otherwise: in the folder "heartbeat" below this one.
ENV XDG_STATE_HOME=/var/lib
USER 10001:10001
VOLUME /var/lib/heartbeat
EXPOSE 50003/udp 50004/tcp 50005/tcp
# A part that does not work is told by /healthz, and does not make the container unhealthy: starting
# it again mends no mail server. With another port or HTTPS give the command another URL.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["hbd", "health"]
ENTRYPOINT ["hbd"]
