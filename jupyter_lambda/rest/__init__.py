"""The service's HTTP door: parse, call the service, render. No rule of the system lives here."""
