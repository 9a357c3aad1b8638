"""The broker: a connection that is made again whenever it is lost. aiomqtt's only door."""
