"""Faces: what people and machines see of the station. A face knows the service, never another face."""
