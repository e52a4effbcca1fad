# The emulator for teams that are not on Python.
#
#   docker build -t acs-chat-emulator .
#   mkdir -p emulator
#   docker run --rm --user "$(id -u):$(id -g)" -p 127.0.0.1:8080:8080 -p 127.0.0.1:8443:8443 \
#     -v "$PWD/emulator:/run/emulator" acs-chat-emulator
#
# ready.json, with endpoints, connection string and token, and the CA bundle appear in the mounted directory, which is
# why it is made first and the user is yours: they are for their owner's eyes alone.
FROM python:3.13-slim

COPY . /src
RUN pip install --no-cache-dir "/src[emulator]" && rm -r /src \
 && useradd --create-home emulator && install -d -o emulator /run/emulator

USER emulator
ENV TMPDIR=/run/emulator
VOLUME /run/emulator
EXPOSE 8080 8443
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/testkit/health', timeout=2)"]
ENTRYPOINT ["acs-chat", "emulate", "--host", "0.0.0.0", "--port", "8080", "--tls-port", "8443", "--ready-file", "/run/emulator/ready.json"]
