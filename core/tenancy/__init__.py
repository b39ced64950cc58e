"""Tenants: who they are, what they switched on, and how that is changed."""

from pitboss.core.tenancy.files import TenantFile, read_tenant_files
from pitboss.core.tenancy.tables import PLATFORM_ID, TenantPluginRow, TenantTable
from pitboss.core.tenancy.tenants import Tenant, Tenants

__all__ = [
    "PLATFORM_ID",
    "Tenant",
    "TenantFile",
    "TenantPluginRow",
    "TenantTable",
    "Tenants",
    "read_tenant_files",
]
