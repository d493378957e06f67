"""What people type, read into requests. Pure: it knows no network and no VM."""
