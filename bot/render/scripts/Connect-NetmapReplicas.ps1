<#
.SYNOPSIS
    Connects replica VMs to the networks that a netmap plan gives them.

.DESCRIPTION
    netmap wrote this file for one plan and one VMM server. Read it, try it, then run it where the
    VMM console is installed:

        .\Connect-NetmapReplicas.ps1 -WhatIf
        .\Connect-NetmapReplicas.ps1 | Set-Content -Encoding UTF8 done.jsonl

    then give the answer to netmap: netmap import done.jsonl

    For each adapter of the list below it looks at VMM afresh, and sets network and subnet only if
    the VM is a replica, is turned off, and the adapter is where the plan says. Everything else is
    left alone and said. It can be run again: what stands where it belongs already is left there.
    It asks VMM by id; the names in the list are for you to read.

    These are all the cmdlets that it calls:
        Get-SCVMMServer, Get-SCVirtualMachine, Read-SCVirtualMachine, Get-SCVirtualNetworkAdapter,
        Get-SCVMNetwork, Get-VMReplication, and, to connect, Set-SCVirtualNetworkAdapter.

.PARAMETER VMMServer
    The VMM server to ask; this machine if it is left out.
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [string] $VMMServer = 'localhost'
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Off  # whatever the session says: what an object has not is nothing here

# What netmap planned. 'from' is where the adapter must be now, 'to' where it belongs; a network
# that is null means: connected to nothing.
$plan = @'
#PLAN#
'@
$list = @'
#ADAPTERS#
'@

# One line of the answer.
function Write-Row($Row) {
    ConvertTo-Json -InputObject $Row -Compress -Depth 5
}

# Whether an adapter is on that network and subnet.
function Test-Place($Nic, $Place) {
    return ("$($Nic.VMNetwork.ID)" -eq "$($Place.network)") -and
        ("$($Nic.VMSubnet.ID)" -eq "$($Place.subnet)")
}

# Whether the VM is a replica: VMM says so, or the host it is on.
function Test-Replica($Vm) {
    if ($Vm.IsRecoveryVM -and -not $Vm.IsPrimaryVM) { return $true }
    foreach ($one in @(Get-VMReplication -ComputerName $Vm.HostName)) {
        $replica = "$($one.Mode)" -eq 'Replica' -or "$($one.Mode)" -eq 'ExtendedReplica'
        if ($replica -and "$($one.VMId)" -eq "$($Vm.VMId)") { return $true }
    }
    return $false
}

# The adapter of the order, by its id; by its slot where netmap was not told the id.
function Get-Nic($Vm, $Order) {
    foreach ($nic in @(Get-SCVirtualNetworkAdapter -VM $Vm)) {
        if ($Order.adapter) {
            if ("$($nic.ID)" -eq $Order.adapter) { return $nic }
        } elseif ([int]$nic.SlotID -eq $Order.slot) {
            return $nic
        }
    }
}

# Names of where an adapter is.
function Get-PlaceName($Nic) {
    if (-not $Nic.VMNetwork) { return 'no network' }
    if (-not $Nic.VMSubnet) { return "$($Nic.VMNetwork.Name)" }
    return "$($Nic.VMNetwork.Name) / $($Nic.VMSubnet.Name)"
}

# Check one adapter, connect it if it may be, and say what became of it.
function Connect-Adapter($Server, $Order) {
    $answer = [ordered]@{
        vm = $Order.vm; adapter = $Order.adapter; slot = $Order.slot; name = $Order.name
        to = $Order.to; result = ''; said = ''
    }
    try {
        $vm = Get-SCVirtualMachine -VMMServer $Server -ID $Order.vm
        if (-not $vm) {
            $answer.result = 'gone'
            $answer.said = 'VMM knows no VM of this id'
            return $answer
        }
        $vm = Read-SCVirtualMachine -VM $vm
        if (-not (Test-Replica $vm)) {
            $answer.result = 'not_replica'
            $answer.said = 'the VM is no replica now'
            return $answer
        }
        if ("$($vm.VirtualMachineState)" -ne 'PowerOff') {
            $answer.result = 'running'
            $answer.said = "the VM is not turned off: $($vm.VirtualMachineState)"
            return $answer
        }
        $nic = Get-Nic $vm $Order
        if (-not $nic) {
            $answer.result = 'gone'
            $answer.said = 'the VM has no such adapter'
            return $answer
        }
        if (Test-Place $nic $Order.to) {
            $answer.result = 'already'
            return $answer
        }
        if (-not (Test-Place $nic $Order.from)) {
            $answer.result = 'moved'
            $answer.said = "it is on $(Get-PlaceName $nic) now"
            return $answer
        }
        if (-not $PSCmdlet.ShouldProcess("$($Order.name), NIC $($Order.slot)", $Order.does)) {
            $answer.result = 'whatif'
            return $answer
        }
        if (-not $Order.to.network) {
            $null = Set-SCVirtualNetworkAdapter -VirtualNetworkAdapter $nic -NoConnection -NoLogicalNetwork -NoPortClassification
        } else {
            $network = Get-SCVMNetwork -VMMServer $Server -ID $Order.to.network
            $subnet = @($network.VMSubnet) | Where-Object { "$($_.ID)" -eq $Order.to.subnet }
            if (-not $network -or ($Order.to.subnet -and -not $subnet)) {
                $answer.result = 'failed'
                $answer.said = 'VMM knows the network or subnet no longer'
                return $answer
            }
            if ($subnet) {
                $null = Set-SCVirtualNetworkAdapter -VirtualNetworkAdapter $nic -VMNetwork $network -VMSubnet $subnet
            } else {
                $null = Set-SCVirtualNetworkAdapter -VirtualNetworkAdapter $nic -VMNetwork $network
            }
        }
        if (Test-Place (Get-Nic $vm $Order) $Order.to) {
            $answer.result = 'connected'
        } else {
            $answer.result = 'pending'
            $answer.said = 'VMM took it and does not show it yet'
        }
    } catch {
        $answer.result = 'failed'
        $answer.said = "$($_.Exception.Message)"
    }
    return $answer
}

Import-Module -Name VirtualMachineManager
$server = Get-SCVMMServer -ComputerName $VMMServer
$about = ConvertFrom-Json -InputObject $plan
Write-Row ([ordered]@{
    format = 'netmap/receipts/1'
    plan   = $about.plan
    server = [ordered]@{ id = $about.server; name = $about.name }
    at     = (Get-Date).ToUniversalTime().ToString('s') + 'Z'
})
$count = 0
foreach ($line in ($list -split "`n")) {
    if (-not $line.Trim()) { continue }
    $count += 1
    Write-Row (Connect-Adapter $server (ConvertFrom-Json -InputObject $line))
}
Write-Row @{ end = [ordered]@{ adapters = $count } }
